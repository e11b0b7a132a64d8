import { Show } from "solid-js";
import { Button } from "../../parts/Button";
import { BubblesPicture } from "../../parts/pictures/pictures";
import { EmptyState, Keys } from "../../parts/small";
import { conversationOrder } from "../../state/conversations";
import { openOverlay } from "../../state/layout";
import { me } from "../../state/session";
import { keysText } from "../../state/shortcuts";
import { t } from "../../text";
import Welcome from "../welcome/Welcome";

/** Beside the list, while nothing is open. */
export default function Nowhere() {
  return (
    <Show when={me()}>
      {(person) => (
        <Show when={conversationOrder().length > 0} fallback={<Welcome me={person()} />}>
          <EmptyState
            picture={<BubblesPicture />}
            title={t().shell.pick_title}
            actions={
              <>
                <Button variant="primary" icon="compose" onClick={() => openOverlay("new-conversation")}>
                  {t().list.new}
                </Button>
                <Button variant="soft" icon="search" onClick={() => openOverlay("switcher")}>
                  {t().switcher.title} <Keys keys={keysText("Mod+k")} />
                </Button>
              </>
            }
          >
            {t().shell.pick}
          </EmptyState>
        </Show>
      )}
    </Show>
  );
}
