import { Dialog } from "../../parts/Dialog";
import { setDetailsOpen } from "../../state/layout";
import { t } from "../../text";
import { DetailsBody } from "./DetailsPane";

/** The details where there is no place for a third pane. */
export default function DetailsDrawer(props: { conversation: string }) {
  return (
    <Dialog kind="drawer" title={t().shell.details} testid="details-panel" onClose={() => setDetailsOpen(false)}>
      <DetailsBody conversation={props.conversation} />
    </Dialog>
  );
}
