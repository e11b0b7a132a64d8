import { createEffect } from "solid-js";
import { conversationsUnread } from "../../state/conversations";
import { me } from "../../state/session";
import { t } from "../../text";

const product = "Kith";

/** How many messages are unread stands in the title, in the icon of the tab, and on the icon of the app. */
export function followTitle(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  createEffect(() => {
    const unread = me() ? conversationsUnread() : 0;
    document.title = unread > 0 ? t().shell.title_unread(unread, product) : product;
    if (icon) icon.href = unread > 0 ? "/favicon-unread.svg" : "/favicon.svg";
    void showBadge(unread);
  });
}

/** Not every platform has badges, and some refuse them to a page that is not installed. */
async function showBadge(unread: number): Promise<void> {
  if (!("setAppBadge" in navigator)) return;
  try {
    await (unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge());
  } catch {
    return;
  }
}
