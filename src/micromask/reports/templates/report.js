(function () {
  "use strict";
  function go(number) {
    var card = document.getElementById("expression-" + number);
    if (card) { card.scrollIntoView(); card.focus({ preventScroll: true }); }
  }
  document.querySelectorAll(".chart").forEach(function (place) {
    var figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    if (place.clientWidth < 560) {
      figure.layout.margin.l = 84;
      figure.layout.margin.r = 8;
      figure.layout.font.size = 12;
      figure.layout.xaxis.nticks = 5;
      figure.layout.legend.entrywidthmode = "fraction";
      figure.layout.legend.entrywidth = 0.46;
      figure.layout.legend.x = -0.25;
      figure.data.forEach(function (trace) { if (trace.type === "heatmap") { trace.showscale = false; } });
    }
    Plotly.newPlot(place, figure.data, figure.layout, {
      displaylogo: false,
      responsive: true,
      plotlyServerURL: "",
      modeBarButtons: [["zoom2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]],
      toImageButtonOptions: { format: "svg", filename: "micromask-timeline-face-" + place.dataset.face }
    }).then(function () {
      place.on("plotly_click", function (event) {
        event.points.some(function (point) {
          var number = point.data.meta;
          if (number) { go(number); }
          return Boolean(number);
        });
      });
    });
  });
  // Paper has a width of its own: a chart drawn for the window would run off it.
  [["beforeprint", { width: 680, autosize: false }], ["afterprint", { width: null, autosize: true }]].forEach(function (one) {
    window.addEventListener(one[0], function () {
      document.querySelectorAll(".chart").forEach(function (place) { Plotly.relayout(place, Object.assign({}, one[1])); });
    });
  });
  document.querySelectorAll("button[data-flip]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var card = button.closest(".card");
      var onset = card.querySelector("img.onset");
      var caption = card.querySelector(".first b");
      var flipped = button.getAttribute("aria-pressed") !== "true";
      if (!onset.dataset.own) { onset.dataset.own = onset.src; onset.dataset.alt = onset.alt; }
      var apex = card.querySelector("img.apex");
      onset.src = flipped ? apex.src : onset.dataset.own;
      onset.alt = flipped ? apex.alt : onset.dataset.alt;
      caption.textContent = flipped ? "Apex, in the onset's place" : "Onset";
      button.setAttribute("aria-pressed", String(flipped));
    });
  });
  var arrows = document.getElementById("arrows");
  if (arrows) {
    arrows.closest("label").hidden = false;
    arrows.addEventListener("change", function () {
      document.body.classList.toggle("no-arrows", !arrows.checked);
    });
  }
})();
