# Sourced by ./segue and ./check: `ensure_environment ROOT LOCK` makes ROOT/.venv hold what LOCK names.
# The usual start must cost nothing: two comparisons, no Python. What was installed is told by copies of the lock files in
# .venv/installed, written last, so a set-up cut short is never taken for a whole one.

ensure_environment() {
  _venv=$1/.venv
  _where=
  if [ -r "$_venv/installed/where" ]; then IFS= read -r _where <"$_venv/installed/where" || :; fi
  if [ "$_where" = "$1" ] && [ -x "$_venv/bin/python" ] && cmp -s "$1/$2" "$_venv/installed/$2"; then
    return 0
  fi
  find_python
  "$_python" -I "$1/build_tools/environment.py" "$1" "$2"
}

# Set _python to a Python that is new enough and can make a virtual environment, or say what is missing.
find_python() {
  _old=
  for _python in python3.13 python3.12 python3.11 python3 python; do
    _has=$("$_python" -I -c 'import sys; print("old" if sys.version_info < (3, 11) else "good"); import ensurepip, venv' 2>/dev/null) && [ "$_has" = good ] && return 0
    _old="$_old${_has:+ $_python:$_has}"
  done
  case $_old in
    *:good*) echo "segue: Python is here, but not its venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2 ;;
    *) echo "segue: Python 3.11 or newer is needed and was not found (looked for python3.13, python3.12, python3.11, python3)." >&2 ;;
  esac
  exit 1
}
