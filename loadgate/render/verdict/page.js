"use strict";
// Shows a result document, and asks for a newer one while somebody looks. Texts of the run come
// from the system under test: they enter the page as text, never as HTML.
(() => {
  const EVERY = 2000; // milliseconds between the answer and the next question
  const SHARE = 4; // and times as long as that took
  const MOST_ROWS = 100; // of a table
  const LONGEST = 160; // characters of a name or an error text
  const OUTCOMES = { passed: "PASSED", failed: "FAILED", "no-evidence": "NO EVIDENCE" };
  const MARKS = ["FAILED", "warning", "skipped", "passed"];
  const UNITS = { count: "", ratio: "%", ms: " ms", "1/s": "/s", s: " s" };
  const main = document.querySelector("main");
  const stale = document.getElementById("stale");

  // --- texts and numbers -------------------------------------------------------------------------

  function clean(text) {
    const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
    const letters = Array.from(line);
    return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}...` : line;
  }

  function number(value, digits = 3) {
    const whole = String(Math.trunc(Math.abs(value))).length;
    return value.toLocaleString("en-US", { maximumSignificantDigits: Math.max(digits, whole) });
  }

  // In as many digits as show on which side of the limit it is.
  function measure(value, unit, limit = null) {
    if (value === null) return "none";
    let digits = 3;
    const side = (of) => Math.sign(of - limit);
    while (limit !== null && digits < 12 && side(Number(value.toPrecision(digits))) !== side(value)) {
      digits += 1;
    }
    const factor = unit === "ratio" ? 100 : 1;
    return number(Number((value * factor).toPrecision(15)), digits) + (UNITS[unit] ?? ` ${unit}`);
  }

  function share(part, requests) {
    return requests ? measure(part / requests, "ratio") : part ? "100%" : "";
  }

  function counted(count, noun) {
    return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
  }

  // --- elements ----------------------------------------------------------------------------------

  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  }

  const mark = (text, kind = text.toLowerCase()) => make("span", { class: `mark ${kind}` }, text);
  const code = (text, empty) => (text ? make("code", {}, clean(text)) : empty);
  const small = (text) => (text ? make("small", {}, clean(text)) : "");
  const endpoint = (of) => code([of.method, of.name].filter(Boolean).join(" "), "(no name)");

  // Columns are [title, cell of a row, whether it is a number]; the first names the row.
  function table(title, columns, rows, noun) {
    if (!rows.length) return "";
    const cell = (row) => ([heading, content, numeric], place) => {
      const found = [content(row)].flat();
      const attributes = place ? { "data-title": heading } : { scope: "row" };
      // One element in a cell: on a phone its heading stands beside it.
      const whole = place && found.some(Boolean) ? [make("div", {}, ...found)] : found;
      return make(place ? "td" : "th", numeric ? { ...attributes, class: "number" } : attributes, ...whole);
    };
    const heads = columns.map(([heading, , numeric]) =>
      make("th", numeric ? { scope: "col", class: "number" } : { scope: "col" }, heading),
    );
    const body = rows.slice(0, MOST_ROWS).map((row) => make("tr", {}, ...columns.map(cell(row))));
    const more = rows.length - body.length;
    return section(
      title,
      make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body)),
      more ? make("p", { class: "muted" }, `and ${counted(more, `more ${noun}`)}`) : "",
    );
  }

  function section(title, ...content) {
    return make("section", {}, make("h2", {}, title), ...content);
  }

  // --- what a result document says ---------------------------------------------------------------

  function markOf(check) {
    if (check.result === "passed") return "passed";
    if (check.result === "not-enough-data") return "skipped";
    return check.severity === "error" ? "FAILED" : "warning";
  }

  const byMark = (one, other) => MARKS.indexOf(markOf(one)) - MARKS.indexOf(markOf(other));

  function limits(result, before) {
    const rows = result.checks.filter((check) => check.rule === null).sort(byMark);
    const note = ({ baseline, limit, unit, note }) => {
      const basis = baseline === null || limit === null ? "" : `limit ${measure(limit, unit)}, baseline ${measure(baseline, unit)}`;
      return [basis, note].filter(Boolean).join("; ");
    };
    const whole = (check) => (check.window === null ? "the whole run" : "all endpoints");
    const judged = [
      ["Actual", (check) => measure(check.actual, check.unit, check.limit), true],
      ["Result", (check) => mark(markOf(check))],
    ];
    return table(
      "Limits",
      [
        ["Limit", (check) => [code(check.require), before ? "" : small(note(check))]],
        ["Endpoint", (check) => (check.endpoint === null ? whole(check) : code(check.endpoint, "(no name)"))],
        ...(before ? [] : judged),
      ],
      rows,
      "check",
    );
  }

  function budgets(result) {
    const used = (check) => (check.limit ? check.actual / check.limit : check.actual ? Infinity : 0);
    const rows = result.checks
      .filter((check) => check.rule !== null)
      .sort((one, other) => byMark(one, other) || used(other) - used(one));
    const bar = (check) => {
      const text = `${measure(check.actual, check.unit, check.limit)} of at most ${measure(check.limit, check.unit)}`;
      const value = Math.min(used(check), 1);
      const over = check.result === "failed" ? { class: "over" } : {};
      return [text, make("meter", { ...over, value, "aria-label": `budget of ${check.rule}` }), small(check.note)];
    };
    return table(
      "Budgets",
      [
        ["Rule", (check) => code(check.rule)],
        ["Endpoint", (check) => code(check.endpoint, "(no name)")],
        ["Used", bar],
        ["Result", (check) => mark(markOf(check))],
      ],
      rows,
      "budget",
    );
  }

  function statuses(result) {
    const rows = new Map();
    for (const kind of result.failures) {
      const status = kind.status ?? (kind.likely_status === null ? "unknown" : `${kind.likely_status}?`);
      const key = JSON.stringify([kind.method, kind.name, status]);
      if (!rows.has(key)) rows.set(key, { ...kind, status, true: 0, expected: 0, rules: new Set(), most: null });
      const row = rows.get(key);
      row[kind.kind] += kind.count;
      if (kind.rule !== null) row.rules.add(kind.rule);
      if (kind.kind === "true" && kind.count > (row.most?.count ?? 0)) row.most = kind;
    }
    const named = result.failures.some((kind) => kind.rule !== null);
    const said = (row) => (row.most === null ? "" : small(row.most.signature || "(empty error text)"));
    return table(
      "Failures by endpoint and status",
      [
        ["Endpoint", (row) => [endpoint(row), said(row)]],
        ["Status", (row) => String(row.status)],
        ["True", (row) => (row.true ? mark(number(row.true), "true") : "0"), true],
        ["Expected", (row) => number(row.expected), true],
        ...(named ? [["Rule", (row) => [...row.rules].map((rule) => code(rule))]] : []),
      ],
      [...rows.values()].sort((one, other) => other.true - one.true || other.expected - one.expected),
      "row",
    );
  }

  function endpoints(result) {
    const told = result.totals.allowed ? [["Allowed", (row) => number(row.allowed), true]] : [];
    return table(
      "Endpoints with failures",
      [
        ["Endpoint", endpoint],
        ["Requests", (row) => number(row.requests), true],
        ["True", (row) => number(row.true_failures), true],
        ["True rate", (row) => share(row.true_failures, row.requests), true],
        ["Expected", (row) => number(row.expected_failures), true],
        ...told,
      ],
      result.endpoints.filter((row) => row.failures || row.allowed),
      "endpoint",
    );
  }

  function rules(result, before) {
    const told = result.totals.allowed ? [["Allowed", (rule) => number(rule.allowed), true]] : [];
    const matched = [
      ["Matched", (rule) => number(rule.matched), true],
      ...told,
      ["State", (rule) => mark(rule.state)],
    ];
    const expires = (rule) => {
      const text = rule.expires === null ? "" : `expires on ${rule.expires}`;
      return rule.excuses ? text : ["counts as a failure", text].filter(Boolean).join(", ");
    };
    return table(
      "Rules",
      [
        ["Rule", (rule) => [code(rule.id), small(expires(rule))]],
        ["Why", (rule) => clean(rule.why)],
        ["Budget", (rule) => (rule.at_most === null ? "no budget" : `at most ${measure(rule.at_most, "ratio")}`)],
        ...(before ? [] : matched),
      ],
      result.rules,
      "rule",
    );
  }

  function list(title, texts) {
    if (!texts.length) return "";
    const items = texts.slice(0, MOST_ROWS).map((text) => make("li", {}, clean(text)));
    const more = texts.length - items.length;
    return section(
      title,
      make("ul", {}, ...items),
      more ? make("p", { class: "muted" }, `and ${counted(more, "more")}`) : "",
    );
  }

  function decision(checks) {
    const number = (wanted) => checks.filter((check) => markOf(check) === wanted).length;
    const failed = number("FAILED");
    const parts = [failed ? `${failed} of ${counted(checks.length, "check")} failed` : `${counted(number("passed"), "check")} passed`];
    if (number("skipped")) parts.push(`${number("skipped")} skipped (not enough data)`);
    if (number("warning")) parts.push(counted(number("warning"), "warning"));
    return parts.join(", ");
  }

  function sums(totals) {
    const rate = totals.true_failures ? ` (${measure(totals.true_failure_rate, "ratio")})` : "";
    const allowed = totals.allowed ? `; ${number(totals.allowed)} allowed by the locustfile` : "";
    const exceptions = totals.task_exceptions ? `; ${counted(totals.task_exceptions, "task exception")}` : "";
    return (
      `${counted(totals.requests, "request")}, ${counted(totals.failures, "failure")} = ` +
      `${number(totals.expected_failures)} expected + ${number(totals.true_failures)} true${rate}${allowed}${exceptions}`
    );
  }

  function head(phase, result) {
    if (phase === "before") {
      return [
        make("h1", {}, "The run has not started"),
        make("p", {}, "When it ends, it is judged by these limits and rules."),
      ];
    }
    const now = phase === "running" ? " as of now" : "";
    const outcome = result.outcome === "no-evidence" ? "no requests were made" : decision(result.checks);
    return [
      make("h1", {}, mark(OUTCOMES[result.outcome], result.outcome), now),
      make("p", {}, outcome),
      make("p", {}, make("strong", {}, sums(result.totals))),
      phase === "running" ? make("p", { class: "muted" }, "The run is on. This is what the verdict would be if it ended now.") : "",
    ];
  }

  function show({ phase, result, problem }) {
    const before = phase === "before";
    const top = problem
      ? [make("h1", {}, mark("NO VERDICT", "no-evidence")), make("pre", {}, problem.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, " "))]
      : head(phase, result);
    const rest = result === null ? [] : [
      limits(result, before),
      budgets(result),
      statuses(result),
      endpoints(result),
      rules(result, before),
      list("Warnings", before ? [] : result.warnings),
      list("Judged by", result.run.rules),
    ];
    main.replaceChildren(...[...top, ...rest].filter(Boolean));
  }

  // --- asking ------------------------------------------------------------------------------------

  let shown = "";

  async function ask() {
    const answer = await fetch(main.dataset.source, { cache: "no-store" });
    if (answer.redirected) location.reload(); // to the login
    if (!answer.ok) throw new Error(answer.statusText);
    const text = await answer.text();
    if (text !== shown && getSelection().isCollapsed) { // who copies a text keeps it
      show(JSON.parse(text));
      shown = text;
    }
  }

  async function keepAsking() {
    const began = performance.now();
    if (!document.hidden) {
      try {
        await ask();
        stale.textContent = "";
      } catch (error) {
        stale.textContent = `No news from Locust (${error.message}). Below is what it said last.`;
      }
    }
    // Thousands of endpoints take their time, which the load generator is to have for itself.
    setTimeout(keepAsking, Math.max(EVERY, SHARE * (performance.now() - began)));
  }

  // --- light and dark, as chosen in Locust's web UI ----------------------------------------------

  function wear() {
    document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
  }

  keepAsking();
  addEventListener("storage", wear);
  wear(); // last: a browser that keeps nothing raises here
})();
