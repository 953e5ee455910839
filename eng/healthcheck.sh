#!/bin/bash
# A container's health check without another program in the image: healthcheck.sh [PATH]; PATH is /alive unless given.
# Asks the process on this machine, on the port that it was told to listen on; exits 0 only for the answer 200.
port=${PORT:-${ASPNETCORE_HTTP_PORTS:-${HTTP_PORTS:-8080}}}
exec 3<>"/dev/tcp/127.0.0.1/${port%%[;,]*}" || exit 1
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${1:-/alive}" >&3
IFS=' ' read -r -t 5 _ status _ <&3
[ "$status" = 200 ]
