const page = document.documentElement;
const show = (language) => {
  page.lang = language === "pt" ? "pt-BR" : "en";
  page.dataset.language = language;
  for (const button of document.querySelectorAll("button[data-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset.to === language));
  }
};
for (const button of document.querySelectorAll("button[data-to]")) {
  button.addEventListener("click", () => show(button.dataset.to));
}
show((navigator.language || "pt").toLowerCase().startsWith("pt") ? "pt" : "en");
