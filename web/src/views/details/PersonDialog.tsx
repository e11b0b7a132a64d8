import { useNavigate } from "@solidjs/router";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { conversation } from "../../state/conversations";
import { closeOverlay, shownPerson } from "../../state/layout";
import { t } from "../../text";
import { PersonDetails } from "./PersonDetails";
import "./details.css";

/** The profile of somebody, from wherever their name was pressed. */
export default function PersonDialog() {
  const navigate = useNavigate();
  const write = () => {
    closeOverlay();
    navigate(`/c/${shownPerson()}`);
  };
  return (
    <Dialog title={t().details.person} size="s" testid="person-dialog" onClose={closeOverlay}>
      <PersonDetails
        user_id={shownPerson()}
        conversation={conversation(shownPerson())}
        action={
          <Button variant="primary" icon="send" onClick={write}>
            {t().details.message}
          </Button>
        }
      />
    </Dialog>
  );
}
