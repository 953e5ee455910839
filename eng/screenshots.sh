#!/usr/bin/env bash
# Takes the pictures of console and dashboard in docs/images, or in the folder that is named, from a real run with two cameras.
# Needs what ./test.sh installs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CRISPY_SCREENSHOTS
CRISPY_SCREENSHOTS=$(realpath -m "${1:-$root/docs/images}")
for tests in Console EndToEnd; do dotnet build "$root/tests/Crispy.$tests.Tests" -nologo -v quiet; done
"$root/artifacts/bin/Crispy.Console.Tests/debug/Crispy.Console.Tests" -class '*ScreenshotTests' -explicit only
"$root/artifacts/bin/Crispy.EndToEnd.Tests/debug/Crispy.EndToEnd.Tests" -class '*DashboardTests'
