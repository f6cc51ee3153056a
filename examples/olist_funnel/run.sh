#!/usr/bin/env bash
# Imports the files of a folder into the installation at BATON_HOME (default ./var): examples/NAME/run.sh DIR
set -euo pipefail
files=$(cd "${1:?Say which folder holds the files}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
baton=.venv/bin/baton
$baton migrate
$baton import "$files/marketing_qualified_leads.csv" --as leads --map "$here/leads.toml"
$baton import "$files/closed_deals.csv" --as deals --map "$here/deals.toml"
$baton report origins
