// Draws every figure[data-chart] with ECharts in the house's colours. The table below it stays for who cannot see it.
const language = document.documentElement.lang || "en";
const drawn = new Map();
let loading = null;

function library() {
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/echarts/echarts.common.min.js", import.meta.url);
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

function formatter(format) {
  if (format === "percent") return (v) => new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(v);
  if (format === "number") return (v) => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(v);
  return (v) => new Intl.NumberFormat(language, { style: "currency", currency: format, maximumFractionDigits: 0 }).format(v);
}

function short(format) {
  if (format === "percent") return formatter(format);
  const style = format === "number" ? {} : { style: "currency", currency: format };
  return (v) => new Intl.NumberFormat(language, { ...style, notation: "compact", maximumFractionDigits: 1 }).format(v);
}

const token = (name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();

function series(chart, one, i, marks) {
  const colour = token(`hue${one.hue || (i % 5) + 1}`);
  const bar = chart.kind === "bar" || chart.kind === "stack";
  return {
    name: one.name, type: bar ? "bar" : "line", data: one.values, color: colour, stack: chart.kind === "stack" ? "all" : undefined,
    showSymbol: false, symbolSize: 6, barMaxWidth: 36, lineStyle: { width: 2, type: one.dashed ? "dashed" : "solid" },
    areaStyle: chart.kind === "area" ? { opacity: .1 } : undefined,
    markLine: i === 0 && marks?.length ? {
      symbol: "none", silent: true, lineStyle: { color: token("ink-3"), type: "dotted" },
      label: { color: token("ink-2"), fontSize: 12, formatter: (m) => m.name }, data: marks.map((m) => ({ name: m.text, xAxis: m.at })),
    } : undefined,
  };
}

function option(chart) {
  const text = { color: token("ink-2"), fontFamily: token("font"), fontSize: 12 };
  const tooltip = {
    trigger: ["donut", "funnel"].includes(chart.kind) ? "item" : "axis", valueFormatter: formatter(chart.format), backgroundColor: token("sheet"),
    borderColor: token("line-2"), textStyle: { color: token("ink"), fontSize: 12 }, confine: true, transitionDuration: 0,
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (chart.kind === "donut" || chart.kind === "funnel") {
    const values = chart.labels.map((name, i) => ({ name, value: chart.series[0].values[i], itemStyle: { color: token(`hue${(i % 5) + 1}`) } }));
    const shape = chart.kind === "donut" ? { type: "pie", radius: ["52%", "78%"], itemStyle: { borderColor: token("sheet"), borderWidth: 2 } }
      : { type: "funnel", left: 8, right: 8, top: 8, bottom: 8, sort: "none", gap: 2 };
    return { textStyle: text, tooltip, animation: !still, animationDuration: 150, series: [{ ...shape, data: values, label: { color: token("ink"), fontSize: 12 } }] };
  }
  return {
    textStyle: text, tooltip, animation: !still, animationDuration: 150, grid: { left: 4, right: 12, top: chart.series.length > 1 ? 34 : 14, bottom: 2, containLabel: true },
    legend: chart.series.length > 1 ? { type: "scroll", top: 0, left: 0, right: 0, pageIconColor: token("ink-2"), pageTextStyle: text, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: text } : undefined,
    xAxis: { type: "category", data: chart.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: token("line-2") } }, axisLabel: text, boundaryGap: !["line", "area"].includes(chart.kind) },
    yAxis: { type: "value", axisLabel: { ...text, formatter: short(chart.format) }, splitLine: { lineStyle: { color: token("line") } } },
    series: chart.series.map((one, i) => series(chart, one, i, chart.marks)),
  };
}

export async function drawAll(root = document) {
  const echarts = await library();
  root.querySelectorAll("figure[data-chart]").forEach((figure) => {
    const canvas = figure.querySelector("[data-chart-canvas]");
    canvas.hidden = false;
    const chart = drawn.get(figure) || echarts.init(canvas, null, { renderer: "canvas" });
    drawn.set(figure, chart);
    const told = JSON.parse(figure.dataset.chart);
    chart.setOption(option(told), true);
    if (told.queries) openPeople(chart, told);
  });
}

// A point leads to the people behind it: the nearest series of a column, as its table below has them.
function openPeople(chart, told) {
  const columnAt = ({ offsetX, offsetY }) => chart.containPixel("grid", [offsetX, offsetY]) ? chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]) : null;
  const nearest = (at) => told.series.filter((one) => one.behind && one.values[at[0]])
    .sort((a, b) => Math.abs(a.values[at[0]] - at[1]) - Math.abs(b.values[at[0]] - at[1]))[0];
  const canvas = chart.getZr();
  ["click", "mousemove"].forEach((event) => canvas.off(event));
  canvas.on("mousemove", (event) => { const at = columnAt(event); canvas.setCursorStyle(at && nearest(at) ? "pointer" : "default"); });
  canvas.on("click", (event) => {
    const at = columnAt(event), one = at && nearest(at);
    if (one) location.assign(one.behind + told.queries[at[0]]);
  });
}

drawAll();
document.addEventListener("htmx:load", (event) => { if (event.target.querySelector?.("figure[data-chart]")) drawAll(event.target); });
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
document.addEventListener("theme", () => drawAll());
