# What doxygen reads of a header: `//` comments before a declaration become its documentation, those behind a member its own; comments inside
# of bodies stay comments. The inline namespace goes. Characters that markdown or HTML would take for markup are escaped.
function literal(s,   i, c, out, part, n) {
  n = split(s, part, /`/)
  if (n > 1 && n % 2) {   # names in backticks stay code
    out = ""
    for (i = 1; i <= n; ++i) out = out (i % 2 ? literal(part[i]) : "`" part[i] "`")
    return out
  }
  out = ""
  for (i = 1; i <= length(s); ++i) {
    c = substr(s, i, 1)
    if (c == "_") out = out (substr(s, i - 1, 1) ~ /[A-Za-z0-9]/ && substr(s, i + 1, 1) ~ /[A-Za-z0-9]/ ? c : "\\" c)
    else out = out (index("\\<>@#&*`~|%$", c) ? "\\" c : c)
  }
  return out
}
function scope_of(head) {   # d: a declaration list, whose comments are documentation; b: a body
  gsub(/alignas\([^)]*\)/, "", head); gsub(/__attribute__\(\([^)]*\)\)/, "", head)
  while (match(head, /template *<[^<>]*>/) || match(head, /<[^<>]*>/)) head = substr(head, 1, RSTART - 1) " " substr(head, RSTART + RLENGTH)
  if (head ~ /(^|[ \t])namespace([ \t]|$)/) return "d"
  if (head ~ /\(/ || head ~ /=[ \t]*$/) {
    sub(/requires *\([^)]*\)/, "", head)
    if (head ~ /\(/ || head ~ /=/) return "b"
  }
  return head ~ /(^|[ \t])(struct|class|union|enum)([ \t]|$)/ ? "d" : "b"
}
function read(code,   i, c) {   # braces of a line of code
  gsub(/"([^"\\]|\\.)*"/, "S", code); gsub(/'([^'\\]|\\.)'/, "C", code)
  for (i = 1; i <= length(code); ++i) {
    c = substr(code, i, 1)
    if (c == "{") { kind[++depth] = scope_of(head); head = "" }
    else if (c == "}") { if (kind[depth] == "d" || head !~ /[^ \t]/ || 1) head = ""; if (depth > 0) --depth }
    else if (c == ";") head = ""
    else head = head c
  }
  head = head " "
}
function flush(   i, code, text) {   # what stands further in is code
  code = 0
  for (i = 1; i <= pending; ++i) {
    text = comment[i]
    if (!code && text ~ /^  /) { print indent[i] "/// @code{.cpp}"; code = 1 }
    if (code && text !~ /^  / && text != "") { print indent[i] "/// @endcode"; code = 0 }
    print indent[i] "/// " (code ? text : literal(text))
  }
  if (code) print indent[pending] "/// @endcode"
}
function documents() { return depth == 0 || kind[depth] == "d" }
BEGIN { depth = 0; head = ""; first = 1; pending = 0 }
{
  gsub(/cosmoml::inline COSMOML_ABI/, "cosmoml")
  sub(/\r$/, "")
}
/^\/\/ SPDX/ { print ""; next }
/^[ \t]*\/\// {
  match($0, /^[ \t]*\/\//)
  lead = substr($0, 1, RLENGTH - 2); text = substr($0, RLENGTH + 1)
  if (!documents() || head ~ /[^ \t]/) { print; next }
  if (text ~ /^ (----|region:|end region)/) { print ""; next }
  sub(/^ /, "", text)
  indent[++pending] = lead
  comment[pending] = text
  next
}
{
  if (pending) {
    if ($0 !~ /^[ \t]*$/ && $0 !~ /^#/) flush()
    else if (first) { print "/// @file"; flush() }
    pending = 0
  }
  if ($0 !~ /^[ \t]*$/) first = 0
  line = $0; behind = ""
  if (match(line, /[;,{}] *\/\/ ?[^"]*$/) || match(line, /[A-Za-z0-9_] +\/\/ [^"]*$/)) {
    at = index(substr(line, RSTART), "//") + RSTART - 1
    behind = substr(line, at + 2); line = substr(line, 1, at - 1)
  }
  member = documents() && line ~ /[;,][ \t]*$/
  read(line)
  if (behind != "" && member && documents()) print line "///< " literal(behind)
  else print line
}
