# What doxygen reads of a page: headings get the anchors that GitHub gives them, links between pages become references, links to other files of
# the repository their text.
function slug(s) {
  s = tolower(s); gsub(/[^a-z0-9 _-]/, "", s); gsub(/ /, "-", s)
  return s
}
function normal(path,   part, n, i, out, m) {
  n = split(path, part, "/"); m = 0
  for (i = 1; i <= n; ++i) {
    if (part[i] == "." || part[i] == "") continue
    if (part[i] == "..") { if (m) --m; continue }
    out[++m] = part[i]
  }
  path = ""
  for (i = 1; i <= m; ++i) path = path (i > 1 ? "/" : "") out[i]
  return path
}
function plain_text(before,   i) {   # the text of a link, without the backticks that a reference would show
  for (i = length(before); i > 0; --i) if (substr(before, i, 1) == "[") break
  link_text = substr(before, i); gsub(/`/, "", link_text)
  return substr(before, 1, i - 1) link_text
}
function page(path) {
  sub(/^docs\//, "", path); sub(/\.md$/, "", path); gsub(/[\/.]/, "_", path)
  return "page_" tolower(path)
}
FNR == 1 {
  file = FILENAME
  sub(/^.*\/docs\//, "docs/", file); sub(/^.*\/README.md$/, "README.md", file); sub(/^.*\/CHANGELOG.md$/, "CHANGELOG.md", file)
  folder = file; if (!sub(/\/[^\/]*$/, "", folder)) folder = ""
  id = page(file); code = 0
}
/^<!-- .* -->$/ { next }
/^```/ { code = !code; print; next }
code { print; next }
/^    / { print; next }   # indented code
/^#+ / {
  match($0, /^#+/); level = RLENGTH; title = substr($0, level + 2)
  print $0 " {#" (level == 1 ? id : id "-" slug(title)) "}"
  next
}
function formulas(s,   out, n, part, i) {   # $x$ and $$x$$ of one line
  n = split(s, part, /`/)   # not in code
  out = ""
  for (i = 1; i <= n; ++i) {
    if (i % 2 && part[i] ~ /\$.*\$/) {
      if (part[i] ~ /^\$\$.*\$\$/) { sub(/^\$\$/, "\\f[", part[i]); sub(/\$\$/, "\\f]", part[i]) }
      else gsub(/\$/, "\\f$", part[i])
    }
    out = out (i > 1 ? "`" : "") part[i]
  }
  return out
}
{
  out = ""; rest = formulas($0)
  while (match(rest, /\]\([^)]*\)/)) {
    link = substr(rest, RSTART + 2, RLENGTH - 3); before = substr(rest, 1, RSTART - 1); rest = substr(rest, RSTART + RLENGTH)
    if (link ~ /^(http|mailto:)/) { out = out before "](" link ")"; continue }
    anchor = ""; target = link
    if ((at = index(link, "#")) > 0) { anchor = substr(link, at + 1); target = substr(link, 1, at - 1) }
    if (target == "") { out = out plain_text(before) "](@ref " id "-" anchor ")"; continue }
    target = normal(folder "/" target)
    if (target ~ /\.md$/) { out = out plain_text(before) "](@ref " page(target) (anchor == "" ? "" : "-" anchor) ")"; continue }
    if (target ~ /\.(png|svg)$/) { sub(/^.*\//, "", target); out = out before "](" target ")"; continue }
    open = 0
    for (i = length(before); i > 0 && !open; --i) if (substr(before, i, 1) == "[") open = i
    out = out substr(before, 1, open - 1) substr(before, open + 1)
  }
  print out rest
}
