import type { ConversationDetail, Person } from "@kith/client";
import { createSignal } from "solid-js";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { toast } from "../../parts/toast";
import { core } from "../../state/core";
import { openDetail } from "../../state/details";
import { t } from "../../text";
import { attempt } from "../actions";
import { PeoplePicker } from "../create/PeoplePicker";

export default function AddMembers(props: { group: ConversationDetail; onClose: () => void }) {
  const [chosen, setChosen] = createSignal<Person[]>([]);
  const [busy, setBusy] = createSignal(false);

  /** One after the other: whoever could not be added stays chosen. */
  const add = async () => {
    setBusy(true);
    const id = props.group.conversation_id;
    for (const person of chosen()) {
      if (!(await attempt(() => core().addMember(id, person.user_id)))) continue;
      setChosen((rest) => rest.filter((other) => other.user_id !== person.user_id));
      toast({ text: t().details.added(person.name), tone: "success" });
    }
    await attempt(() => openDetail(id));
    setBusy(false);
    if (chosen().length === 0) props.onClose();
  };

  return (
    <Dialog
      title={t().details.add_title}
      testid="add-members-dialog"
      onClose={() => props.onClose()}
      footer={
        <>
          <Button variant="quiet" onClick={() => props.onClose()}>
            {t().form.cancel}
          </Button>
          <Button variant="primary" busy={busy()} disabled={chosen().length === 0} onClick={() => void add()}>
            {t().details.add_action(chosen().length)}
          </Button>
        </>
      }
    >
      <PeoplePicker
        chosen={chosen()}
        onChange={setChosen}
        without={props.group.members.map((member) => member.user_id)}
      />
    </Dialog>
  );
}
