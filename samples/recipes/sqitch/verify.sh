#!/bin/sh
# sqitch status exits with 0 also while changes are not deployed: its words tell.
sqitch status "$1" | tee /dev/stderr | grep -q '^Nothing to deploy'
