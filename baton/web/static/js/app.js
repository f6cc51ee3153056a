// What every page of the product runs. Each module minds one thing and finds its elements by data attributes.
import "./bare.js";
import "./menus.js";
import "./bulk.js";
import "./inline.js";
import "./filters.js";
import "./palette.js";
import "./keyboard.js";
