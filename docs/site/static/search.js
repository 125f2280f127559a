// The search page: what the box in the sidebar asked, or what is typed here; its address can be shared.
const place = document.getElementById("search");
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
if (asked) ui.triggerSearch(asked);
const box = place.querySelector("input");
if (!asked) box.focus();
box.addEventListener("input", () => {
  address.searchParams.set("q", box.value);
  history.replaceState(null, "", address);
});
