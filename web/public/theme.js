// Runs before the first paint, so that it already has the colours and the direction that the person has chosen.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("kith-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const language = localStorage.getItem("kith-language");
    if (language) root.lang = language;
    if (language?.startsWith("ar")) root.dir = "rtl";
  } catch {
    // Without storage the device decides.
  }
})();
