import { type JSX } from "solid-js";

import { changePreferences, preferences } from "../../state/preferences";
import { t } from "../../text";
import type { Point } from "../message/context";
import { Floating } from "../message/Floating";
import { withRecent } from "./emoji";
import { EmojiPicker } from "./EmojiPicker";

const RECENT_MAX = 24;

interface EmojiFloatProps {
  at: Point;
  onClose: () => void;
  onPick: (emoji: string) => void;
}

/** The picker at a place; what is used, and the skin tone, go with the account. */
export default function EmojiFloat(props: EmojiFloatProps): JSX.Element {
  const recent = (): string[] => {
    const kept = preferences.client["emoji_recent"];
    return Array.isArray(kept) ? kept.filter((emoji) => typeof emoji === "string") : [];
  };
  const tone = () => Number(preferences.client["emoji_tone"] ?? 0);
  const keep = (change: Record<string, unknown>) => {
    void changePreferences({ client: { ...preferences.client, ...change } }).catch(() => undefined);
  };
  return (
    <Floating at={props.at} role="dialog" label={t().conversation.emoji_picker.title} onClose={props.onClose}>
      <EmojiPicker
        language={document.documentElement.lang}
        recent={recent()}
        tone={tone()}
        onTone={(next) => {
          keep({ emoji_tone: next });
        }}
        onPick={(emoji) => {
          keep({ emoji_recent: withRecent(recent(), emoji, RECENT_MAX) });
          props.onPick(emoji);
        }}
      />
    </Floating>
  );
}
