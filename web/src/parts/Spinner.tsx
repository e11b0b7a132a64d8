import "./Spinner.css";

/** Appears after 300 ms, so that what is quick does not flicker. The words are beside it. */
export function Spinner(props: { size?: "s" | "l" }) {
  return (
    <svg class="spinner" data-size={props.size ?? "s"} viewBox="0 0 24 24" aria-hidden="true">
      <circle class="spinner-track" cx="12" cy="12" r="9" />
      <path d="M12 3a9 9 0 0 1 9 9" />
    </svg>
  );
}
