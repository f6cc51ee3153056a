// The blocks one drags into a mail. What they look like is written out, for the canvas knows no defaults.
const FONT = 'font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif"';
const TEXT = `${FONT} font-size="16px" line-height="25px" color="#1f2d36"`;
const BUTTON = `${FONT} background-color="#0b6e6e" color="#ffffff" border-radius="6px" font-size="16px" font-weight="600" inner-padding="13px 26px"`;
const PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='600' height='280'%3E%3Crect width='600' height='280' fill='%23dfe7e7'/%3E%3Cpath d='M200 200l70-80 50 50 40-36 60 66z' fill='%23a9bdbd'/%3E%3Ccircle cx='370' cy='100' r='20' fill='%23a9bdbd'/%3E%3C/svg%3E";

const section = (inside, more = "") => `<mj-section padding="0 24px" ${more}>${inside}</mj-section>`;
const column = (inside, more = 'background-color="#ffffff" padding="16px 32px"') => `<mj-column ${more}>${inside}</mj-column>`;
const text = (words, more = "") => `<mj-text ${TEXT} padding="0" ${more}><p>${words}</p></mj-text>`;
const heading = (words, size = 22) => `<mj-text ${FONT} color="#1f2d36" font-size="${size}px" line-height="${size + 6}px" font-weight="700" padding="0 0 6px">${words}</mj-text>`;
const button = (words, href = "https://example.com/") => `<mj-button ${BUTTON} align="left" padding="12px 0 0" href="${href}">${words}</mj-button>`;
const picture = (more = 'padding="0"') => `<mj-image src="${PICTURE}" alt="" border-radius="8px" ${more} />`;
const priced = (words) => `<mj-text ${FONT} color="#0b6e6e" font-size="17px" font-weight="600" padding="8px 0 0">${words}</mj-text>`;
const two = 'padding="16px 20px"';
// Columns of unlike height stand on one sheet.
const sheet = (inside) => `<mj-wrapper padding="0 24px"><mj-section padding="0" background-color="#ffffff">${inside}</mj-section></mj-wrapper>`;

// A product of the list, as deep as the place it goes to asks for. Its button leads nowhere until somebody says where,
// which the check before sending finds.
export function product(words, told, within = "mj-body") {
  const parts = heading(plain(told.name), 19) + (told.description.trim() ? text(paragraphs(told.description)) : "") + priced(plain(told.price)) + button(words.see_it, "https://");
  if (within === "mj-column" || within === "mj-hero") return parts;
  const whole = column(parts);
  if (within === "mj-section" || within === "mj-group") return whole;
  return within === "mj-wrapper" ? `<mj-section padding="0" background-color="#ffffff">${whole}</mj-section>` : sheet(whole);
}

const paragraphs = (words) => words.trim().split(/\r?\n\s*\n/).map((one) => plain(one).replace(/\r?\n/g, "<br/>")).join("</p><p>");

// Words of a product are words: neither marks of MJML nor fields of a contact, and no signs that XML does not know.
function plain(words) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return words.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/\{(?=[{%])/g, "{ ").replace(/[&<>"]/g, (sign) => signs[sign]);
}

export function blocks(words, footer) {
  const made = {
    header: section(column(`<mj-text ${FONT} font-size="14px" font-weight="600" color="#0b6e6e" padding="0">{{ organisation.name }}</mj-text>`, 'padding="16px 0"')),
    heading: heading(words.your_heading),
    text: text(words.hello),
    image: picture(),
    button: button(words.read_more),
    two: sheet(column(heading(words.left, 18) + text(words.hello), two) + column(heading(words.right, 18) + text(words.hello), two)),
    three: sheet([words.left, words.middle, words.right].map((one) => column(heading(one, 16) + text(words.hello), 'padding="16px 12px"')).join("")),
    product: sheet(
      column(picture(), 'padding="16px" width="40%"')
      + column(heading(words.product_name, 19) + text(words.product_text) + priced(words.product_price) + button(words.see_it), 'padding="16px 20px" width="60%"'),
    ),
    divider: '<mj-divider border-width="1px" border-color="#dfe4e8" padding="12px 0" />',
    space: '<mj-spacer height="24px" />',
    condition: section(column(text(words.only_some))),
    footer,
  };
  return Object.entries(made).map(([id, content]) => ({
    id, label: words[id], content, select: true, attributes: { role: "button", tabindex: "0" },
    media: `<span class="sketch is-${id}" aria-hidden="true"><i></i><i></i><i></i></span>`,
  }));
}
