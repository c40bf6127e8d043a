# 05-shm-lessons.bats - chapter 05, the lessons
load helper
load lessons

MAN='shm_overview(7)'

# bats test_tags=memcheck
@test "private_shared: only what is written through MAP_SHARED is in the file" {
  lesson private_shared
  prints_only 'the file holds +\.S\.{6}' 'parent, by MAP_SHARED +\.S\.{6}' \
    'parent, by MAP_PRIVATE +\.S\.{6}' 'then, by MAP_SHARED +\.Ss\.{5}' \
    'then, by MAP_PRIVATE +\.S\.{5}p'
}
@test "private_shared: an operand is misuse, and a full disk an error" {
  misuse private_shared operand
  full private_shared
}

# bats test_tags=memcheck
@test "anonymous: all children count in one memory, and each in its own" {
  lesson anonymous 3
  prints_only '3 children added 1000 each' '.* the parent reads 3000' \
    'MAP_PRIVATE: the parent reads 0'
}
@test "anonymous: a number of children out of bounds is misuse" {
  misuse anonymous 0
  misuse anonymous 101
  misuse anonymous 3x
  full anonymous
}
