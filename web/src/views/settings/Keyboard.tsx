import { Button } from "../../parts/Button";
import { Radios, Switch } from "../../parts/choices";
import { openOverlay } from "../../state/layout";
import { announcesMessages, changeClient, sendKey, singleKeys } from "../../state/preferences";
import { keysText } from "../../state/shortcuts";
import { t } from "../../text";
import { attempt } from "../actions";

export function Keyboard() {
  return (
    <div class="settings-switches">
      <Radios
        label={t().settings.send_key}
        value={sendKey()}
        choices={[
          { value: "enter", label: t().settings.send_enter, hint: t().settings.send_enter_hint },
          {
            value: "ctrl-enter",
            label: t().settings.send_ctrl_enter(keysText("Mod+Enter")),
            hint: t().settings.send_ctrl_enter_hint,
          },
        ]}
        onChange={(send_key) => void attempt(() => changeClient({ send_key }))}
      />
      <Switch
        label={t().settings.single_keys}
        hint={t().settings.single_keys_hint}
        checked={singleKeys()}
        onChange={(single_keys) => void attempt(() => changeClient({ single_keys }))}
      />
      <Switch
        label={t().settings.announce}
        hint={t().settings.announce_hint}
        checked={announcesMessages()}
        onChange={(announce_messages) => void attempt(() => changeClient({ announce_messages }))}
      />
      <div>
        <Button icon="keyboard" onClick={() => openOverlay("keyboard")}>
          {t().settings.show_shortcuts}
        </Button>
      </div>
    </div>
  );
}
