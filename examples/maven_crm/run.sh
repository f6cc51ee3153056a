#!/usr/bin/env bash
# Imports the files of a folder into the installation at BATON_HOME (default ./var): examples/NAME/run.sh DIR
set -euo pipefail
files=$(cd "${1:?Say which folder holds the files}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
baton=.venv/bin/baton
$baton migrate
$baton import "$files/sales_teams.csv" --as users --map "$here/teams.toml"
$baton import "$files/accounts.csv" --as companies --map "$here/companies.toml"
$baton import "$files/products.csv" --as products --map "$here/products.toml"
$baton import "$files/sales_pipeline.csv" --as deals --map "$here/deals.toml"
$baton report pipeline
