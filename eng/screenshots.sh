#!/usr/bin/env bash
# Takes the pictures of the console in docs/images, or in the folder that is named, from a real run with two cameras. Needs what ./test.sh installs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dotnet build "$root/tests/Crispy.Console.Tests" -nologo -v quiet
CRISPY_SCREENSHOTS=$(realpath -m "${1:-$root/docs/images}") \
    "$root/artifacts/bin/Crispy.Console.Tests/debug/Crispy.Console.Tests" -class '*ScreenshotTests' -explicit only
