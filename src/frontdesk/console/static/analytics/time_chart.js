// <time-chart>: a chart over time, drawn by uPlot from the JSON inside it. Its numbers and their
// links are in the block's table. Arrow keys move through it, Enter opens a number.
"use strict";

(() => {
  const ROUNDING = { roundingMode: "halfEven" }; // as Python rounds
  const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0, ...ROUNDING });
  const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
  const MICRO = 1e6;
  const DURATIONS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

  // --- values: written as templatetags/analytics.py does ---------------------------------------

  function money(micro) {
    const dollars = Math.abs(micro) / MICRO;
    const digits = dollars >= 1 ? 2 : Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(dollars || 1))));
    const shownDigits = micro ? digits : 0;
    const text = dollars.toLocaleString("en-US", { minimumFractionDigits: shownDigits, maximumFractionDigits: shownDigits, ...ROUNDING });
    return `${micro < 0 ? "-" : ""}$${text}`;
  }

  function duration(seconds) {
    const whole = Math.round(seconds);
    if (whole < 90) return `${whole} s`;
    const minutes = Math.round(whole / 60);
    if (minutes < 90) return `${minutes} min`;
    return `${NUMBER.format(Math.floor(minutes / 60))} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  }

  function percent(share) {
    const digits = share && Math.abs(share) < 0.0995 ? 1 : 0;
    return `${(share * 100).toFixed(digits)}%`;
  }

  function shown(value, kind) {
    if (value === null) return "—";
    if (kind === "money") return money(value);
    if (kind === "percent") return percent(value);
    if (kind === "duration") return duration(value);
    if (kind === "decimal") return value.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1, ...ROUNDING });
    return NUMBER.format(value);
  }

  function onAxis(value, kind) { // short: a tick has 3rem
    if (kind === "money") return value >= 1000 * MICRO ? `$${SHORT.format(value / MICRO)}` : `$${(value / MICRO).toLocaleString("en-US", { maximumSignificantDigits: 3 })}`;
    if (kind === "number") return SHORT.format(Math.abs(value));
    return shown(value, kind);
  }

  // --- axes: one for each kind; whole numbers and averages share one ----------------------------

  const axisOf = (kind) => (kind === "decimal" ? "number" : kind);

  function niceStep(max, kind, ticks) {
    const least = max / ticks;
    if (kind === "duration") return DURATIONS.find((step) => step >= least) ?? Math.ceil(least / 86400) * 86400;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= least * 0.999);
    return kind === "number" ? Math.max(1, step) : step;
  }

  // Ticks from 0 (or below) to at least the highest value.
  function ticksOf(low, high, kind) {
    const max = Math.max(high, -low) || (kind === "money" ? MICRO : 1);
    const step = niceStep(max, kind, 4);
    const ticks = [];
    for (let n = Math.floor(low / step); n <= Math.ceil((high || max) / step); n++) ticks.push(n * step);
    return ticks;
  }

  // --- bars: stacked, or side by side --------------------------------------------------------------

  // [from, to] of the bar of each series and bucket. Negative values go down from 0.
  function stack(series, size) {
    const up = new Array(size).fill(0);
    const down = new Array(size).fill(0);
    return series.map(({ values }) => values.map((value, at) => {
      const side = value < 0 ? down : up;
      const from = side[at];
      side[at] += value ?? 0;
      return [from, side[at]];
    }));
  }

  function barPaths(spans, place, places) {
    return (u, index) => {
      const path = new Path2D();
      const scale = u.series[index].scale;
      const pitch = Math.abs(u.valToPos(1, "x", true) - u.valToPos(0, "x", true));
      const room = Math.max(1, Math.min(pitch * 0.78, 56 * devicePixelRatio));
      const width = Math.max(1, room / places);
      spans.forEach(([from, to], at) => {
        if (from === to) return;
        const left = u.valToPos(at, "x", true) - room / 2 + place * width;
        const [a, b] = [u.valToPos(from, scale, true), u.valToPos(to, scale, true)];
        const gap = Math.abs(b - a) > 3 && from !== 0 ? 1 : 0; // a thin line between the parts of a stack
        const [top, height] = b < a ? [b, a - b - gap] : [a + gap, b - a - gap];
        path.rect(Math.round(left), top, Math.max(1, Math.round(width - (places > 1))), Math.max(height, 1));
      });
      return { fill: path, stroke: null, clip: null, flags: 0 };
    };
  }

  // Every second color is hatched, so that neighbors differ even without color.
  function hatch(context, color, index) {
    if (index % 2 === 0) return color;
    const tile = document.createElement("canvas");
    const size = 6 * devicePixelRatio;
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.globalAlpha = 0.55;
    pen.fillStyle = color;
    pen.fillRect(0, 0, size, size);
    pen.globalAlpha = 1;
    pen.strokeStyle = color;
    pen.lineWidth = 1.5 * devicePixelRatio;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    pen.stroke();
    return context.createPattern(tile, "repeat");
  }

  const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2], [12, 4]];
  const SVG = "http://www.w3.org/2000/svg";

  function swatch(index, isLine) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", `swatch series-${index + 1}${isLine ? "" : index % 2 ? " is-hatched" : ""}`);
    svg.setAttribute("viewBox", "0 0 16 10");
    svg.setAttribute("aria-hidden", "true");
    const shapes = isLine ? [["line", { x1: 0, y1: 5, x2: 16, y2: 5, "stroke-dasharray": DASHES[index % 7].map((each) => each * 0.6).join(" ") }]]
      : [["rect", { x: 3, width: 10, height: 10, rx: 1.5 }], ...(index % 2 ? [["path", { d: "M3 5 8 0M3 10 13 0M8 10 13 5" }]] : [])];
    for (const [name, attributes] of shapes) {
      const shape = document.createElementNS(SVG, name);
      Object.entries(attributes).forEach(([key, value]) => shape.setAttribute(key, value));
      svg.append(shape);
    }
    return svg;
  }

  function element(name, className, ...children) {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  }

  // --- the element ----------------------------------------------------------------------------------------

  class TimeChart extends HTMLElement {
    connectedCallback() {
      this.querySelectorAll(":scope > div").forEach((old) => old.remove()); // the Back button restores them
      this.data = JSON.parse(this.querySelector("script").textContent);
      this.size = this.data.labels.length;
      this.spans = this.spansOf();
      this.at = this.size - 1;
      this.chosen = 0;
      this.legend = this.makeLegend();
      this.plot = element("div", "time-chart-plot");
      Object.assign(this.plot, { tabIndex: 0 });
      this.plot.setAttribute("role", "group");
      this.plot.setAttribute("aria-label", `${this.title_} ${this.dataset.keys}`);
      this.spoken = element("output", "visually-hidden");
      this.append(this.legend, this.plot, element("div", "", this.spoken));
      this.draw();
      this.show(this.at);
      this.plot.addEventListener("keydown", (event) => this.press(event));
      this.plot.addEventListener("blur", () => this.leave());
      this.watch();
    }

    disconnectedCallback() {
      this.watching?.forEach((stop) => stop());
      this.u?.destroy();
    }

    get title_() {
      const heading = this.closest("section")?.querySelector("h2, h3");
      return `${heading?.textContent ?? "Chart"}.`;
    }

    // Redrawn for another width or theme, and for print.
    watch() {
      const redraw = () => this.draw();
      const sizes = new ResizeObserver(() => {
        if (this.u && Math.abs(this.plot.clientWidth - this.u.width) > 1) this.draw();
      });
      sizes.observe(this.plot);
      const themes = new MutationObserver(redraw);
      themes.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
      const media = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
      media.forEach((each) => each.addEventListener("change", redraw));
      this.watching = [
        () => sizes.disconnect(),
        () => themes.disconnect(),
        ...media.map((each) => () => each.removeEventListener("change", redraw)),
      ];
    }

    isLine(series) {
      return series.shape === "line";
    }

    // [from, to] of each bar; null for lines.
    spansOf() {
      const { series } = this.data;
      const bars = series.filter((each) => !this.isLine(each));
      const isStack = this.data.shape === "stack";
      const spans = isStack ? stack(bars, this.size) : bars.map(({ values }) => values.map((value) => [0, value ?? 0]));
      return series.map((each) => (this.isLine(each) ? null : spans[bars.indexOf(each)]));
    }

    // --- drawing

    draw() {
      const width = this.plot.clientWidth;
      if (!width) return;
      const { at } = this;
      this.u?.destroy();
      const { color, borderTopColor } = getComputedStyle(this);
      this.colors = { text: color, grid: borderTopColor, series: this.swatches.map((each) => getComputedStyle(each).color) };
      this.u = new uPlot(this.options(width), [this.data.labels.map((_, index) => index), ...this.data.series.map(({ values }) => values)], this.plot);
      const canvas = this.u.ctx.canvas;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", this.dataset.words);
      this.u.over.addEventListener("click", (event) => this.open(this.seriesAt(event)));
      if (this.data.series.some((_, index) => this.link(index))) {
        this.u.over.classList.add("has-links");
        this.u.over.title = this.dataset.click;
      }
      this.at = at;
    }

    options(width) {
      const kinds = [...new Set(this.data.series.map(({ kind }) => axisOf(kind)))];
      const { text, grid } = this.colors;
      const font = `11px ${getComputedStyle(this).fontFamily}`;
      const ticks = Object.fromEntries(kinds.map((kind) => [kind, this.ticks(kind)]));
      const axis = { stroke: text, font, ticks: { show: false } };
      return {
        width,
        height: matchMedia("(max-width: 36rem)").matches ? 190 : 230,
        padding: [10, kinds.length > 1 ? 0 : 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, width: 2, fill: (u, index) => (this.isLine(this.data.series[index - 1]) ? this.colors.series[index - 1] : "transparent"), stroke: "transparent" } },
        scales: {
          x: { time: false, range: () => [-0.5 - 0.02 * this.size, this.size - 0.5 + 0.02 * this.size] },
          ...Object.fromEntries(kinds.map((kind) => [kind, { range: () => [ticks[kind][0], ticks[kind].at(-1)] }])),
        },
        axes: [
          { ...axis, size: 26, gap: 6, grid: { show: false }, splits: () => this.splits(width), values: (u, splits) => splits.map((index) => this.data.ticks[index]) },
          ...kinds.map((kind, index) => ({
            ...axis, scale: kind, side: index ? 1 : 3, size: 48, gap: 6,
            grid: { show: index === 0, stroke: grid, width: 1 },
            splits: () => ticks[kind], values: (u, splits) => splits.map((value) => onAxis(value, kind)),
          })),
        ],
        series: [{}, ...this.data.series.map((series, index) => this.style(series, index))],
        hooks: { drawClear: [(u) => this.markOpen(u)], setCursor: [(u) => u.cursor.idx !== null && u.cursor.left >= 0 && this.show(u.cursor.idx)] },
      };
    }

    style(series, index) {
      const color = this.colors.series[index];
      const common = { scale: axisOf(series.kind), label: series.title };
      if (this.isLine(series)) {
        const points = { show: this.size < 15, size: 6, fill: color };
        return { ...common, stroke: color, width: 2, dash: DASHES[index % 7], points, spanGaps: true };
      }
      const bars = this.data.series.filter((each) => !this.isLine(each));
      const beside = this.data.shape === "stack" ? [0, 1] : [bars.indexOf(series), bars.length];
      return { ...common, fill: (u) => hatch(u.ctx, color, index), width: 0, points: { show: false }, paths: barPaths(this.spans[index], ...beside) };
    }

    ticks(kind) {
      const values = this.data.series.flatMap((series, index) => (axisOf(series.kind) === kind ? (this.spans[index] ?? [series.values]).flat() : []));
      return ticksOf(Math.min(0, ...values), Math.max(0, ...values), kind);
    }

    // As many labels as fit, evenly spaced.
    splits(width) {
      const longest = Math.max(...this.data.ticks.map(({ length }) => length));
      const room = Math.max(1, Math.floor((width - 60) / (longest * 6.5 + 14)));
      const step = Math.ceil(this.size / room);
      return Array.from({ length: Math.ceil(this.size / step) }, (_, index) => index * step);
    }

    // The current bucket has its own background, because it will still grow.
    markOpen(u) {
      if (!("open" in this.dataset)) return;
      const [left, right] = [this.size - 1.5, this.size - 0.5].map((value) => u.valToPos(value, "x", true));
      u.ctx.save();
      u.ctx.globalAlpha = 0.5;
      u.ctx.fillStyle = this.colors.grid;
      u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
      u.ctx.restore();
    }

    // --- reading

    makeLegend() {
      this.swatches = this.data.series.map((series, index) => swatch(index, this.isLine(series)));
      this.values = this.data.series.map(() => element("b", "num"));
      this.when = element("span", "chart-when");
      this.items = this.data.series.map(({ title }, index) => element("span", "chart-item", this.swatches[index], title, " ", this.values[index]));
      return element("div", "chart-legend", this.when, ...this.items);
    }

    show(at) {
      this.at = at;
      const isOpen = "open" in this.dataset && at === this.size - 1;
      this.when.textContent = this.data.labels[at] + (isOpen ? `, ${this.dataset.open}` : "");
      this.data.series.forEach(({ values, kind }, index) => {
        const value = values[at]; // the names of negative series say that they are, such as Lost
        this.values[index].textContent = shown(this.spans[index] && value < 0 ? -value : value, kind);
      });
    }

    speak() {
      const { title } = this.data.series[this.chosen];
      const rest = this.data.series.length > 1 ? ` ${title}` : "";
      this.spoken.textContent = `${this.when.textContent}:${rest} ${this.values[this.chosen].textContent}`;
    }

    press(event) {
      const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
      const turns = { ArrowUp: -1, ArrowDown: 1 };
      const series = this.data.series.length;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in steps) this.show(Math.min(this.size - 1, Math.max(0, this.at + steps[event.key])));
      else if (event.key in turns && series > 1) this.chosen = (this.chosen + turns[event.key] + series) % series;
      else if (event.key === "Enter") return this.open(this.chosen);
      else return;
      event.preventDefault(); // or the page scrolls
      this.items.forEach((item, index) => item.classList.toggle("is-at", series > 1 && index === this.chosen));
      this.u.setCursor({ left: this.u.valToPos(this.at, "x"), top: 0 }, false);
      this.speak();
    }

    leave() {
      this.items.forEach((item) => item.classList.remove("is-at"));
      this.u.setCursor({ left: -10, top: -10 }, false);
    }

    // --- opening

    link(index, at = this.size - 1) {
      const rows = document.querySelectorAll(`#${this.dataset.block} [data-numbers] tbody tr`);
      const cells = rows[at]?.cells;
      return cells?.[cells.length - this.data.series.length + index]?.querySelector("a") ?? null;
    }

    // The part of the stack at the pointer, or the nearest line.
    seriesAt(event) {
      const { series } = this.data;
      const top = event.clientY - this.u.over.getBoundingClientRect().top;
      const distance = ({ values, kind }, index) => {
        const span = this.spans[index]?.[this.at] ?? [values[this.at], values[this.at]];
        const ends = span.map((value) => this.u.valToPos(value ?? 0, axisOf(kind))).sort((a, b) => a - b);
        return top < ends[0] ? ends[0] - top : Math.max(0, top - ends[1]);
      };
      const distances = series.map(distance);
      return distances.indexOf(Math.min(...distances));
    }

    open(index) {
      const link = this.link(index, this.at);
      if (link) location.assign(link.href);
    }
  }

  customElements.define("time-chart", TimeChart);
})();
