/** Sets the theme before anything is drawn, so that no page flashes in the wrong one. */
const wanted = localStorage.getItem("breakwater.theme");
if (wanted === "dark" || wanted === "light") document.documentElement.dataset.theme = wanted;
