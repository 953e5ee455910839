// All of them run in ./test.sh --fast.
[assembly: Trait("Needs", "nothing")]
