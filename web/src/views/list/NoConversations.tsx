import { Show } from "solid-js";
import { Button } from "../../parts/Button";
import { BubblesPicture } from "../../parts/pictures/pictures";
import { EmptyState } from "../../parts/small";
import { panes } from "../../state/layout";
import { me } from "../../state/session";
import { t } from "../../text";
import Welcome from "../welcome/Welcome";

/** On a phone, where the list is all there is, it also says welcome. */
export default function NoConversations(props: { onFind: () => void }) {
  return (
    <Show when={panes() === 1 && me()} fallback={<Nobody onFind={props.onFind} />}>
      {(person) => <Welcome me={person()} />}
    </Show>
  );
}

function Nobody(props: { onFind: () => void }) {
  return (
    <EmptyState
      level="part"
      picture={<BubblesPicture />}
      title={t().list.empty_title}
      actions={
        <Button variant="soft" icon="search" onClick={() => props.onFind()}>
          {t().list.empty_action}
        </Button>
      }
    >
      {t().list.empty}
    </EmptyState>
  );
}
