import type { JSX } from "solid-js";
import "./pictures.css";

/** Every picture stands on the same ground. */
function Picture(props: { ground: number; children: JSX.Element }) {
  return (
    <svg class="picture" viewBox="0 0 220 150" aria-hidden="true">
      <ellipse class="picture-ground" cx="110" cy="136" rx={props.ground} ry="7" />
      {props.children}
    </svg>
  );
}

/** Two bubbles that lean towards each other. */
export function BubblesPicture() {
  return (
    <Picture ground={86}>
      <path
        class="picture-petal"
        d="M34 22h86a20 20 0 0 1 20 20v26a20 20 0 0 1-20 20H68l-21 17c-2 1.6-4.8 0-4.5-2.5L44 88H34a20 20 0 0 1-20-20V42a20 20 0 0 1 20-20z"
      />
      <path class="picture-line" d="M38 45h62M38 63h38" />
      <path
        class="picture-accent"
        d="M118 56h62a20 20 0 0 1 20 20v22a20 20 0 0 1-20 20h-6l2 12.5c.4 2.6-2.4 4.3-4.5 2.7L152 118h-34a20 20 0 0 1-20-20V76a20 20 0 0 1 20-20z"
      />
      <circle class="picture-light" cx="130" cy="87" r="5.5" />
      <circle class="picture-light" cx="149" cy="87" r="5.5" />
      <circle class="picture-apricot" cx="168" cy="87" r="5.5" />
      <path class="picture-sage-line" d="M176 22c0 8-6 14-14 14 8 0 14 6 14 14 0-8 6-14 14-14-8 0-14-6-14-14z" />
    </Picture>
  );
}

/** A lens over a row of people, and nobody under it. */
export function SearchPicture() {
  return (
    <Picture ground={80}>
      <circle class="picture-petal" cx="52" cy="62" r="17" />
      <path class="picture-petal" d="M22 124c1-22 13-35 30-35s29 13 30 35z" />
      <circle class="picture-sage" cx="168" cy="62" r="17" />
      <path class="picture-sage" d="M138 124c1-22 13-35 30-35s29 13 30 35z" />
      <path class="picture-handle" d="M134 96l26 28" />
      <circle class="picture-lens" cx="108" cy="66" r="36" />
      <path class="picture-shine" d="M86 60a24 24 0 0 1 14-16" />
    </Picture>
  );
}

/** A path that ends, with a sign. */
export function LostPicture() {
  return (
    <Picture ground={86}>
      <path class="picture-handle" d="M110 40v94" />
      <path class="picture-accent" d="M62 26h84l18 18-18 18H62a8 8 0 0 1-8-8V34a8 8 0 0 1 8-8z" />
      <path class="picture-petal" d="M156 72H84L66 88l18 16h72a8 8 0 0 0 8-8V80a8 8 0 0 0-8-8z" />
      <path class="picture-light-line" d="M78 44h48" />
      <path class="picture-line" d="M96 88h46" />
      <path
        class="picture-sage"
        d="M30 134c-6-14 0-26 12-30-2 14 2 24-12 30zM34 134c12-4 22 0 26-12-14-2-22 0-26 12z"
      />
    </Picture>
  );
}

/** A plug and a socket, apart. */
export function BrokenPicture() {
  return (
    <Picture ground={86}>
      <path class="picture-handle" d="M16 112c20 16 34-2 44-20M204 46c-16-18-36 0-44 18" />
      <path class="picture-accent" d="M58 66l30 30-10 10a21 21 0 0 1-30-30z" />
      <path class="picture-petal" d="M162 90l-30-30 10-10a21 21 0 0 1 30 30z" />
      <path class="picture-prong" d="M84 76l12-12M78 70l0 0M92 88l12-12" />
      <path class="picture-sage-line" d="M112 34v14M96 42l6 10M128 40l-6 12" />
    </Picture>
  );
}

/** A small house under a roof of one's own. */
export function HomePicture() {
  return (
    <Picture ground={92}>
      <path class="picture-petal" d="M58 68h104v60a8 8 0 0 1-8 8H66a8 8 0 0 1-8-8z" />
      <path class="picture-accent" d="M102 20L40 66c-5 4-2 11 4 11h132c6 0 9-7 4-11l-62-46a13 13 0 0 0-16 0z" />
      <path
        class="picture-light"
        d="M84 94h52a9 9 0 0 1 9 9v10a9 9 0 0 1-9 9h-30l-12 9c-1.5 1.1-3.5 0-3.2-2l1-7H84a9 9 0 0 1-9-9v-10a9 9 0 0 1 9-9z"
      />
      <circle class="picture-apricot" cx="95" cy="108" r="4" />
      <circle class="picture-apricot" cx="110" cy="108" r="4" />
      <circle class="picture-apricot" cx="125" cy="108" r="4" />
      <path
        class="picture-sage"
        d="M176 136c-8-18 0-34 14-38-3 16 4 30-14 38zM180 136c14-5 24 0 28-13-16-3-24 0-28 13z"
      />
      <circle class="picture-apricot" cx="36" cy="34" r="11" />
    </Picture>
  );
}
