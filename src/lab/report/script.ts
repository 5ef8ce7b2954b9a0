/**
 * The only script of the page: buttons that copy. Where the clipboard is not to be had, the text is selected, so that one key copies
 * it. The page allows no other script, by the hash of this one; script.test.ts holds the two together.
 */
export const script = `
for (const button of document.querySelectorAll('button[data-copy]')) {
  const text = document.getElementById(button.dataset.copy);
  const status = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      status.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(text);
      status.textContent = document.execCommand('copy') ? 'Copied' : 'Selected: now press Ctrl+C or ⌘C';
    }
  });
}
`;

/** SHA-256 of the script, as a Content-Security-Policy writes it. */
export const scriptHash = 'sha256-fHCnfFzUS+gKfhYyrP/Z7PqJd38KxsjAq7B6Yd2hLd8=';
