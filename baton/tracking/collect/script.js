/*
 * Baton's script: page views, also of pages that change without loading, events, outbound links, downloads, forms
 * sent, pages not found, how long and how far a page was read. Keeps nothing in the browser until baton.consent(true), nor where the browser asks for privacy (Global Privacy
 * Control, Do Not Track); baton.consent(false) forgets. Served as /b.js:
 *   <script defer src="https://baton.example.com/b.js"></script>
 *   baton.track("video played", {title: "Tour"}); baton.track("order", {}, {value: 4900, currency: "EUR"});
 */
(function (w, d, n, l) {
  "use strict";
  var s = d.currentScript;
  var home = s.getAttribute("data-baton") || new URL(s.src).origin;
  var key = "baton_visitor";
  var last, waiting = [], timer, from = d.referrer;
  var place, shown, signed, seconds = 0, depth = 0;
  var files = /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|csv|txt|rtf|epub|zip|gz|7z|rar|dmg|pkg|exe|msi|deb|rpm|apk|iso|mp3|mp4|mov|wav)$/i;
  if (w.baton && w.baton.track) {
    return;
  }

  function hex(bytes) {
    return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), function (b) {
      return (b + 256).toString(16).slice(1);
    }).join("");
  }

  // UUIDv7, so that a repeated sending is stored once.
  function id() {
    var t = ("00000" + Date.now().toString(16)).slice(-12), r = hex(10);
    return t + "7" + r.slice(0, 3) + "89ab"[parseInt(r[3], 16) & 3] + r.slice(4, 19);
  }

  function isPrivate() {
    return n.globalPrivacyControl || n.doNotTrack === "1";
  }

  function visitor() {
    try {
      return (!isPrivate() && localStorage.getItem(key)) || "";
    } catch (e) {
      return "";
    }
  }

  function send() {
    var events = waiting.splice(0, 20), body;
    clearTimeout(timer);
    timer = 0;
    if (!events.length) {
      return;
    }
    events.forEach(function (e) {
      e.sent = Date.now();
    });
    body = JSON.stringify(events);
    if (!(n.sendBeacon && n.sendBeacon(home + "/e", body))) {
      fetch(home + "/e", {method: "POST", body: body, keepalive: true, mode: "no-cors"}).catch(function () {
        waiting = events.concat(waiting).slice(0, 100);
        timer = timer || setTimeout(send, 5e3);
      });
    }
    send();
  }

  function track(name, props, more, url) {
    var e = {id: id(), name: name, url: url || l.href.split("#")[0].slice(0, 2e3), referrer: from.slice(0, 2e3), visitor: visitor()};
    signed = Date.now();
    if (props) {
      e.props = props;
    }
    if (more) {
      e.value = more.value;
      e.currency = more.currency;
    }
    waiting.push(e);
    timer = timer || setTimeout(send, 200);
  }

  // How far down the page has been seen, in percent.
  function look() {
    var all = d.documentElement.scrollHeight || 1;
    depth = Math.max(depth, Math.min(100, Math.round(100 * (w.scrollY + w.innerHeight) / all)));
  }

  // Counts the seconds in which the page is in front of somebody.
  function count() {
    var now = Date.now();
    if (shown) {
      seconds += (now - shown) / 1e3;
    }
    shown = d.hidden ? 0 : now;
  }

  // Tells of the page that is left. After half an hour without a sign the visit is over: it would begin another.
  function leave() {
    count();
    if (place && seconds >= 1 && Date.now() - signed < 18e5) {
      track("engagement", {seconds: Math.round(seconds), scroll: depth}, 0, place);
    }
    seconds = 0;
  }

  function view() {
    var here = l.pathname + l.search;
    if (here !== last) {
      leave();
      track("pageview");
      place = l.origin + l.pathname;
      depth = 0;
      setTimeout(look, 500);
      if (last) {
        from = l.origin;
      }
      last = here;
      forgetLink();
    }
  }

  // A signed link names a person: it must not stay in the address to be copied or passed on as a referrer.
  function forgetLink() {
    var rest = l.search.replace(/([?&])b=[^&]*&?/, "$1").replace(/[?&]$/, "");
    if (rest !== l.search) {
      last = l.pathname + rest;
      history.replaceState(history.state, "", last + l.hash);
    }
  }

  w.baton = {
    track: track,
    visitor: visitor,
    consent: function (yes) {
      try {
        if (!yes) {
          localStorage.removeItem(key);
        } else if (!isPrivate() && !localStorage.getItem(key)) {
          localStorage.setItem(key, "v" + hex(12));
        }
      } catch (e) {}
      track(yes ? "consent given" : "consent withdrawn");
    }
  };

  ["pushState", "replaceState"].forEach(function (name) {
    var own = history[name];
    history[name] = function () {
      own.apply(this, arguments);
      view();
    };
  });
  w.addEventListener("popstate", view);
  w.addEventListener("scroll", look, {passive: true});
  w.addEventListener("pagehide", function () {
    leave();
    send();
  });
  d.addEventListener("visibilitychange", function () {
    if (d.hidden) {
      leave();
      send();
    } else {
      count();
    }
  });
  d.addEventListener("click", function (e) {
    var a = e.target.closest && e.target.closest("a[href]");
    if (a && a.host && (files.test(a.pathname) || a.hasAttribute("download"))) {
      track("file downloaded", {file: a.href.split(/[?#]/)[0].slice(0, 300)});
      send();
    } else if (a && a.host && a.host !== l.host) {
      track("outbound link", {to: a.href.slice(0, 300)});
      send();
    }
  }, true);
  d.addEventListener("submit", function (e) {
    track("form sent", {form: (e.target.id || e.target.getAttribute("name") || "").slice(0, 60)});
    send();
  }, true);
  // A form of Baton's own in a frame asks which visitor fills it in.
  w.addEventListener("message", function (e) {
    if (e.data === "baton:who" && e.origin === new URL(home).origin) {
      e.source.postMessage({baton: visitor(), url: l.href, referrer: d.referrer}, e.origin);
    }
  });
  view();
  var came = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
  if (came && came.responseStatus >= 400) {
    track("not found", {status: came.responseStatus});
  }
})(window, document, navigator, location);
