// The day board opens where the day is. Everything else on it works without this file.
const board = document.querySelector(".board");
const now = board?.querySelector(".quarters--time > .now");
if (now) board.scrollTop = now.offsetTop - board.clientHeight / 3;
