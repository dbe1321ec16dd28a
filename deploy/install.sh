#!/bin/sh
# Installs the program migrationhost: one file, which needs nothing else on the machine.
#   deploy/install.sh FILE [FOLDER]
# FILE is the published program, or a .tar.gz that has it; with FILE.sha256 beside it its checksum is compared.
# FOLDER is where it goes: /usr/local/bin for root, else ~/.local/bin.
set -eu

fail() { echo "install.sh: $1" >&2; exit 1; }

file=${1:-}
[ -n "$file" ] || fail "names no file; write: install.sh migrationhost-linux-x64.tar.gz"
[ -f "$file" ] || fail "$file does not exist"
folder=${2:-$([ "$(id -u)" -eq 0 ] && echo /usr/local/bin || echo "$HOME/.local/bin")}

if [ -f "$file.sha256" ]; then
    (cd "$(dirname "$file")" && sha256sum -c --status "$(basename "$file").sha256") || fail "$file is not what $file.sha256 says: download it again"
fi

mkdir -p "$folder"
new=$(mktemp "$folder/.migrationhost.XXXXXX")
trap 'rm -f "$new"' EXIT
case "$file" in
    *.tar.gz | *.tgz) tar -xzOf "$file" migrationhost >"$new" || fail "$file has no migrationhost" ;;
    *) cat "$file" >"$new" ;;
esac
chmod 755 "$new"

# It must run here before it takes the place of one that does.
version=$("$new" --version) || fail "the program does not run here: it says above why, or the file is not for this machine's system and processor ($(uname -sm))"
mv -f "$new" "$folder/migrationhost"
echo "installed migrationhost $version in $folder"
case ":$PATH:" in
    *":$folder:"*) ;;
    *) echo "$folder is not on the PATH" ;;
esac
