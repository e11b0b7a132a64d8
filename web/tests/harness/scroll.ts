/** Watches one visible row in every frame: what moves it although nobody scrolled is a jump. */

import type { Page } from "@playwright/test";

export interface Jumps {
  worst_px: number;
  /** Steps in which the marker moved by more than a pixel. */
  disturbed: number;
  rows_max: number;
  nodes_max: number;
  first_seq: number;
}

interface Watched {
  begin: () => void;
  end: () => number;
}

/**
 * Scrolls by `delta_px` for `steps` times. After each command, the row in the middle must stay exactly where that very
 * command put it, in each of the following frames.
 */
export function scroll(page: Page, steps: number, delta_px: number): Promise<Jumps> {
  return page.evaluate(
    async ({ steps, delta_px }) => {
      const list = document.querySelector<HTMLElement>("[data-testid=message-list]") as HTMLElement;
      const rows = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[data-testid=message]")];
      const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
      const jumps = {
        worst_px: 0,
        disturbed: 0,
        rows_max: 0,
        nodes_max: 0,
        first_seq: Infinity,
      };
      for (let step = 0; step < steps; step += 1) {
        list.scrollTop += delta_px;
        const bounds = list.getBoundingClientRect();
        const middle = (bounds.top + bounds.bottom) / 2;
        const marker = rows().find((row) => row.getBoundingClientRect().bottom > middle);
        const wanted = marker?.getBoundingClientRect().top ?? 0;
        let worst_px = 0;
        for (let frames = 0; frames < 2; frames += 1) {
          await frame();
          if (marker?.isConnected !== true) continue;
          worst_px = Math.max(worst_px, Math.abs(marker.getBoundingClientRect().top - wanted));
        }
        jumps.worst_px = Math.max(jumps.worst_px, worst_px);
        if (worst_px > 1) jumps.disturbed += 1;
        jumps.rows_max = Math.max(jumps.rows_max, rows().length);
        jumps.nodes_max = Math.max(jumps.nodes_max, document.querySelectorAll("*").length);
        jumps.first_seq = Math.min(
          jumps.first_seq,
          Number(rows().find((row) => row.dataset["seq"])?.dataset["seq"] ?? Infinity),
        );
        // At the edge of what is loaded there is nothing to scroll: wait for the next slice.
        for (let frames = 0; frames < 30 && delta_px < 0 && list.scrollTop < 1; frames += 1) await frame();
      }
      return jumps;
    },
    { steps, delta_px },
  );
}

/** From now on watches the row in the middle; the returned function says how far it moved at worst. */
export async function watchMiddle(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const list = document.querySelector<HTMLElement>("[data-testid=message-list]") as HTMLElement;
    const bounds = list.getBoundingClientRect();
    const middle = (bounds.top + bounds.bottom) / 2;
    const rows = [...list.querySelectorAll<HTMLElement>("[data-testid=message]")];
    const marker = rows.find((row) => row.getBoundingClientRect().bottom > middle) as HTMLElement;
    const wanted = marker.getBoundingClientRect().top;
    let worst_px = 0;
    let goes = true;
    const look = (): void => {
      worst_px = Math.max(worst_px, Math.abs(marker.getBoundingClientRect().top - wanted));
      if (goes) requestAnimationFrame(look);
    };
    look();
    (window as unknown as { watched: Watched }).watched = {
      begin: look,
      end: () => {
        goes = false;
        look();
        return worst_px;
      },
    };
  });
  return () => page.evaluate(() => (window as unknown as { watched: Watched }).watched.end());
}

/** The places of the first and the last row in view, and of the first that is in the document. */
export function places(page: Page): Promise<{ first: number; last: number; loaded: number }> {
  return page.evaluate(() => {
    const list = document.querySelector<HTMLElement>("[data-testid=message-list]") as HTMLElement;
    const bounds = list.getBoundingClientRect();
    const rows = [...list.querySelectorAll<HTMLElement>("[data-testid=message][data-seq]")];
    const seen = rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > bounds.top && top < bounds.bottom;
    });
    const seq = (row: HTMLElement | undefined): number => Number(row?.dataset["seq"]);
    return { first: seq(seen[0]), last: seq(seen.at(-1)), loaded: seq(rows[0]) };
  });
}
