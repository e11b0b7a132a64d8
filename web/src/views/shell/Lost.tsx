import { useNavigate } from "@solidjs/router";
import { Button } from "../../parts/Button";
import { BrokenPicture, LostPicture } from "../../parts/pictures/pictures";
import { EmptyState } from "../../parts/small";
import { t } from "../../text";
import "./lost.css";

/** Instead of what is not there, or not for this reader. */
export function NothingHere() {
  const navigate = useNavigate();
  return (
    <div class="lost">
      <EmptyState
        picture={<LostPicture />}
        title={t().shell.not_found_title}
        actions={
          <Button variant="primary" onClick={() => navigate("/")}>
            {t().shell.to_conversations}
          </Button>
        }
      >
        {t().shell.not_found}
      </EmptyState>
    </div>
  );
}

/** An address that names nothing. */
export function NotFound() {
  return (
    <main id="main" class="lost">
      <NothingHere />
    </main>
  );
}

/** The last resort. */
export function Broken() {
  return (
    <main id="main" class="lost">
      <EmptyState
        picture={<BrokenPicture />}
        title={t().shell.broken_title}
        actions={
          <Button variant="primary" onClick={() => location.reload()}>
            {t().shell.reload}
          </Button>
        }
      >
        {t().shell.broken}
      </EmptyState>
    </main>
  );
}
