import { createSignal, For, type JSX } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Button } from "../../parts/Button";
import { Checkbox, Radios, Segmented, Select, Switch } from "../../parts/choices";
import { confirm } from "../../parts/confirm";
import { Dialog } from "../../parts/Dialog";
import { Icon } from "../../parts/Icon";
import { IconButton } from "../../parts/IconButton";
import { icons, type IconName } from "../../parts/icons";
import { Mark } from "../../parts/Mark";
import { openMenu } from "../../parts/menu";
import { PersonRow } from "../../parts/PersonRow";
import { BrokenPicture, BubblesPicture, HomePicture, LostPicture, SearchPicture } from "../../parts/pictures/pictures";
import { SearchField } from "../../parts/SearchField";
import { Badge, Banner, EmptyState, Keys, Skeleton, Tag } from "../../parts/small";
import { Spinner } from "../../parts/Spinner";
import { Tabs } from "../../parts/Tabs";
import { PasswordField, TextField } from "../../parts/TextField";
import { toast } from "../../parts/toast";
import "./design.css";

const colours = [
  "page surface raised sunken line edge",
  "text text-soft text-faint",
  "accent accent-hover accent-soft focus",
  "danger danger-soft warning-soft success success-soft",
  "bubble bubble-own code highlight tooltip",
  "apricot sage petal",
].map((row) => row.split(" "));
const sizes = ["xs", "s", "m", "l", "xl", "2xl", "3xl"];
const radii = ["s", "m", "l", "xl", "full"];
const themes = ["light", "dark"] as const;

/** All parts, in both themes, to look at while they are made. */
export default function Design() {
  return (
    <main class="design" id="main">
      <For each={themes}>
        {(theme) => (
          <div class="design-theme" data-scheme={theme}>
            <h1 class="design-title">
              <Mark /> {theme}
            </h1>
            <Tokens />
            <Actions />
            <Fields />
            <Words />
            <Pictures />
          </div>
        )}
      </For>
    </main>
  );
}

function Group(props: { title: string; children: JSX.Element }) {
  return (
    <section class="design-group">
      <h2 class="design-heading">{props.title}</h2>
      <div class="design-row">{props.children}</div>
    </section>
  );
}

function Tokens() {
  return (
    <>
      <For each={colours}>
        {(row) => (
          <div class="design-row">
            <For each={row}>
              {(name) => (
                <div class="design-colour">
                  <span class="design-swatch" style={{ background: `var(--color-${name})` }} />
                  {name}
                </div>
              )}
            </For>
          </div>
        )}
      </For>
      <Group title="Type">
        <For each={sizes}>{(size) => <span style={{ "font-size": `var(--text-${size})` }}>Kith {size}</span>}</For>
      </Group>
      <Group title="Radius">
        <For each={radii}>
          {(radius) => <span class="design-radius" style={{ "border-radius": `var(--radius-${radius})` }} />}
        </For>
      </Group>
      <Group title="Icons">
        <For each={Object.keys(icons) as IconName[]}>{(name) => <Icon name={name} />}</For>
      </Group>
      <Group title="People">
        <For each={["ada", "bob", "cid", "dia", "eve", "fay", "gus", "hal", "ivo"]}>
          {(id, at) => <Avatar id={`${id}-${at()}`} name={id} online={at() % 3 === 0} />}
        </For>
        <Avatar id="group" name="Book club" kind="group" size="l" />
        <Avatar id="x" name="" size="s" />
      </Group>
    </>
  );
}

function Actions() {
  const [open, setOpen] = createSignal<"dialog" | "drawer">();
  const menu = (event: MouseEvent) =>
    openMenu(event, "Menu", [
      [
        { label: "Open", icon: "chevron_end", keys: "Enter", run: () => undefined },
        { label: "Chosen", icon: "bell", checked: true, run: () => undefined },
      ],
      [{ label: "Remove", icon: "trash", tone: "danger", run: () => undefined }],
    ]);
  return (
    <>
      <Group title="Buttons">
        <For each={["primary", "soft", "quiet", "danger", "danger-soft"] as const}>
          {(variant) => (
            <Button variant={variant} icon="plus">
              {variant}
            </Button>
          )}
        </For>
        <Button variant="primary" disabled>
          disabled
        </Button>
        <Button variant="primary" busy>
          busy
        </Button>
        <IconButton icon="settings" label="Settings" keys="Ctrl+," />
        <IconButton icon="bell" label="Pressed" aria-pressed="true" />
        <IconButton icon="send" label="Send" variant="primary" />
      </Group>
      <Group title="What opens">
        <Button onClick={menu}>Menu</Button>
        <Button onClick={() => setOpen("dialog")}>Dialog</Button>
        <Button onClick={() => setOpen("drawer")}>Drawer</Button>
        <Button
          onClick={() => void confirm({ title: "Leave?", body: "This is why.", action: "Leave", tone: "danger" })}
        >
          Question
        </Button>
        <Button onClick={() => toast({ text: "Saved.", tone: "success" })}>Toast</Button>
        <Button onClick={() => toast({ text: "Deleted.", action: { label: "Undo", run: () => undefined } })}>
          Toast with an action
        </Button>
        {open() && (
          <Dialog title="Title" kind={open() ?? "dialog"} onClose={() => setOpen(undefined)}>
            <p class="dialog-words">Words</p>
          </Dialog>
        )}
      </Group>
    </>
  );
}

function Fields() {
  const [text, setText] = createSignal("Ada");
  const [on, setOn] = createSignal(true);
  const [choice, setChoice] = createSignal<"one" | "two" | "three">("one");
  const choices = [
    { value: "one" as const, label: "One", icon: "sun" as const, hint: "The first" },
    { value: "two" as const, label: "Two", icon: "moon" as const, hint: "The second" },
    { value: "three" as const, label: "Three", icon: "monitor" as const, hint: "The third" },
  ];
  return (
    <section class="design-fields">
      <TextField label="Text" hint="A hint" value={text()} onInput={setText} />
      <TextField label="Wrong" error="This is needed." />
      <PasswordField label="Password" />
      <SearchField label="Search" value={text()} onInput={setText} />
      <Select label="Select" value={choice()} choices={choices} onChange={setChoice} />
      <Segmented label="Segments" value={choice()} choices={choices} onChange={setChoice} />
      <Radios label="Radios" value={choice()} choices={choices} onChange={setChoice} />
      <div>
        <Switch label="Switch" hint="A hint" checked={on()} onChange={setOn} />
        <Switch label="Disabled" checked={false} disabled onChange={setOn} />
        <Checkbox label="Checkbox" checked={on()} onChange={setOn} />
      </div>
      <Tabs
        label="Tabs"
        value={choice()}
        tabs={choices.map(({ value, label }) => ({ value, label }))}
        onChange={setChoice}
      >
        <p>{choice()}</p>
      </Tabs>
    </section>
  );
}

function Words() {
  return (
    <>
      <Group title="Small">
        <Badge count={3} label="3 unread" />
        <Badge count={1200} label="1200 unread" muted />
        <Tag>Plain</Tag>
        <Tag icon="shield" tone="accent">
          Admin
        </Tag>
        <Tag icon="crown" tone="warning">
          Owner
        </Tag>
        <Tag tone="success">Online</Tag>
        <Keys keys="Ctrl+Shift+K" />
        <Spinner />
        <Spinner size="l" />
      </Group>
      <For each={["plain", "warning", "danger", "success"] as const}>
        {(tone) => (
          <Banner tone={tone} icon="info" action={<Button>Do it</Button>}>
            A banner that is {tone}
          </Banner>
        )}
      </For>
      <div class="design-person">
        <PersonRow person={{ user_id: "ada", name: "Ada Lovelace", username: "ada", online: true }} />
      </div>
      <Skeleton rows={2} label="Loading" />
    </>
  );
}

function Pictures() {
  return (
    <Group title="Pictures">
      <For each={[BubblesPicture, SearchPicture, LostPicture, BrokenPicture, HomePicture]}>
        {(Picture) => <EmptyState level="part" picture={<Picture />} title="Title" />}
      </For>
      <Mark size="l" />
    </Group>
  );
}
