#include "fetcher/git_refs.h"

#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

namespace {
std::string commit(char digit) { return std::string(40, digit); }

GitRefs refs() {
  return GitRefs::parse(commit('a') + "\tHEAD\n" +                         //
                        commit('a') + "\trefs/heads/main\n" +              //
                        commit('b') + "\trefs/heads/v2\n" +                //
                        commit('c') + "\trefs/pull/1/head\n" +             //
                        commit('1') + "\trefs/tags/v1.0.0\n" +             //
                        commit('2') + "\trefs/tags/v1.10.0\n" +            //
                        commit('3') + "\trefs/tags/v1.10.0^{}\n" +         //
                        commit('4') + "\trefs/tags/1.2.0\n" +              //
                        commit('5') + "\trefs/tags/v2.0.0-rc.1\n" +        //
                        commit('6') + "\trefs/tags/main\n" +               //
                        "warning: something\n" + "zzzz\trefs/heads/x\n");  //
}
}  // namespace

TEST_CASE("a name is a whole ref, a tag or a branch, in this order") {
  GitRefs all = refs();
  CHECK(all.head() == commit('a'));
  CHECK(all.named("main") == commit('6'));
  CHECK(all.named("heads/main") == commit('a'));
  CHECK(all.named("v2") == commit('b'));
  CHECK(all.named("pull/1/head") == commit('c'));
  CHECK(all.named("refs/tags/v1.0.0") == commit('1'));
  CHECK_FALSE(all.named("x"));
  CHECK_FALSE(all.named("nothing"));
}

TEST_CASE("an annotated tag stands for its commit") {
  CHECK(refs().named("v1.10.0") == commit('3'));
}

TEST_CASE("a range takes the newest tag in it") {
  GitRefs all = refs();
  CHECK(all.in_range(must(Range::parse("^1.0.0"))) == commit('3'));
  CHECK(all.in_range(must(Range::parse("~1.2.0"))) == commit('4'));
  CHECK(all.in_range(must(Range::parse(">=2.0.0-rc.0"))) == commit('5'));
  CHECK_FALSE(all.in_range(must(Range::parse("^3.0.0"))));
}

TEST_CASE("T-GIT-02 only whole commits are commits") {
  CHECK(is_full_commit(commit('a')));
  CHECK(is_full_commit(std::string(64, '0')));
  CHECK_FALSE(is_full_commit(std::string(39, 'a')));
  CHECK_FALSE(is_full_commit(std::string(40, 'g')));
  CHECK_FALSE(is_full_commit(std::string(40, 'A')));
  CHECK_FALSE(is_full_commit("main"));
  CHECK_FALSE(is_full_commit(""));
}
