// On a narrow screen the theme shows a list as one card a row: each value then stands beside its column's name.

for (const table of document.querySelectorAll("#result_list")) {
  const names = [...table.querySelectorAll("thead th")].map((head) => (head.querySelector(".text") ?? head).textContent.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, index) => {
      if (cell.localName === "td" && names[index] && !cell.classList.contains("action-checkbox")) cell.dataset.label = names[index];
    });
  }
}
