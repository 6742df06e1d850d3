/**
 * A newer server brings a newer page. It is fetched behind the picture first and
 * changed to only when it is there; and only once for each build, so that two
 * servers of different builds behind one address cannot make a page reload for ever.
 *
 * @param {string} mine the build of this page
 * @param {string} theirs the build that the server says it is
 */
export async function renew(mine, theirs) {
  if (!theirs || theirs === mine || sessionStorage.getItem('renewed-for') === theirs) return;
  try {
    const page = await fetch(location.href, { cache: 'reload' });
    if (!page.ok) return;
    await page.text();
    sessionStorage.setItem('renewed-for', theirs);
    location.reload();
  } catch {
    // the server is not there for pages yet: the next hello tries again
  }
}
