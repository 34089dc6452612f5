#!/usr/bin/env python3
"""What docs/look.sh runs: python3 look.py SITE PICTURES. Speaks with Chromium through two pipes (its DevTools protocol); standard library only."""
import base64
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

WIDTHS = {390: 844, 1280: 900}
TALLEST = 6000   # of a picture, in pixels
LOOK = """(async () => {
  const found = [], width = innerWidth, page = document.documentElement;
  if (window.MathJax) {
    await new Promise(done => MathJax.Hub.Register.StartupHook('End', done));
    MathJax.Hub.signal.Interest(m => { if (/error/.test(m[0])) found.push('formula: ' + m.slice(0, 3).join(', ')); });
  }
  if (page.scrollWidth > width) {
    const wide = [...document.querySelectorAll('div.contents *, div.header *, #top *')].filter(e => {
      if (e.getBoundingClientRect().right <= width + 1) return false;
      for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX != 'visible') return false;
      return true;
    });
    found.push(`scrolls sideways: ${page.scrollWidth} wide; ` + wide.slice(0, 3).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40)).join(' | '));
  }
  for (const i of document.images) if (i.complete && i.naturalWidth == 0) found.push('no image: ' + i.getAttribute('src'));
  if (/\\\\f[$\\[\\]]|\\$\\$/.test(document.querySelector('div.contents').innerText)) found.push('a formula was not drawn');
  return {found, height: page.scrollHeight};
})()"""


class Browser:
    def __init__(self, profile):
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()

        def on_three_and_four():   # where Chromium looks for its pipes
            a, b = os.dup(to_read), os.dup(from_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
             "--allow-file-access-from-files", "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=on_three_and_four, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            if not more:
                sys.exit("chromium ended")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **params):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": params}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self.to, json.dumps(asked).encode() + b"\0")
        while True:
            m = self.message()
            if m.get("id") == self.number:
                if "error" in m:
                    sys.exit(f"{method}: {m['error']}")
                return m["result"]
            self.events.append(m)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message())


def main(site, pictures):
    profile = tempfile.mkdtemp()
    browser = Browser(profile)
    passed = failed = 0
    browser.call("Page.enable")
    browser.call("Runtime.enable")
    try:
        for page in [f"{site}/index.html"] + sorted(glob.glob(f"{site}/page_*.html")):
            for width, height in WIDTHS.items():
                browser.events.clear()
                browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
                browser.call("Page.navigate", url="file://" + os.path.abspath(page))
                browser.wait("Page.loadEventFired")
                seen = browser.call("Runtime.evaluate", expression=LOOK, awaitPromise=True, returnByValue=True)
                wrong = list(seen["result"].get("value", {}).get("found", [seen.get("exceptionDetails", {}).get("text", "no answer")]))
                wrong += ["script: " + e["params"]["exceptionDetails"].get("text", "") for e in browser.events if e.get("method") == "Runtime.exceptionThrown"]
                tall = min(seen["result"].get("value", {}).get("height", height), TALLEST)
                shot = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip={"x": 0, "y": 0, "width": width, "height": tall, "scale": 1})
                name = os.path.basename(page)[:-len(".html")]
                with open(f"{pictures}/{name}-{width}.png", "wb") as f:
                    f.write(base64.b64decode(shot["data"]))
                if wrong:
                    failed += 1
                    print(f"FAILED {name} at {width}:", "; ".join(wrong))
                else:
                    passed += 1
    finally:
        browser.process.terminate()
        browser.process.wait()
        shutil.rmtree(profile, ignore_errors=True)
    print(f"pictures are in {pictures}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
