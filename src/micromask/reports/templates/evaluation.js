(function () {
  "use strict";
  document.querySelectorAll(".chart").forEach(function (place) {
    var figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    Plotly.newPlot(place, figure.data, figure.layout, {
      displaylogo: false,
      displayModeBar: "hover",
      responsive: true,
      plotlyServerURL: "",
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
      toImageButtonOptions: { format: "svg", filename: "micromask-" + place.id }
    });
  });
  // Paper has a width of its own: a chart drawn for the window would run off it.
  [["beforeprint", { width: 330, autosize: false }], ["afterprint", { width: null, autosize: true }]].forEach(function (one) {
    window.addEventListener(one[0], function () {
      document.querySelectorAll(".chart").forEach(function (place) { Plotly.relayout(place, Object.assign({}, one[1])); });
    });
  });
})();
