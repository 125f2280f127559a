// The search page: what the box in the sidebar asked, or what is typed here; its address can be shared.
function search(place) {
  if (location.protocol === "file:") {
    place.textContent =
      "A browser lets no file read the index. Serve the pages: python -m http.server --directory build/docs";
    return;
  }
  const ui = new PagefindUI({
    element: place,
    pageSize: 10,
    // By default titles weigh so much that what is used is behind what is written about it.
    ranking: { metaWeights: { title: 3 } },
    showImages: false,
    showSubResults: true,
  });
  const address = new URL(location);
  const asked = address.searchParams.get("q");
  const box = place.querySelector("input");
  if (asked) ui.triggerSearch(asked);
  else box.focus();
  box.addEventListener("input", () => {
    address.searchParams.set("q", box.value);
    history.replaceState(null, "", address);
  });
}

search(document.getElementById("search"));
