import "./Mark.css";

/** The sign of Kith: a k whose arm is raised, in a bubble. */
export function Mark(props: { size?: "s" | "l" }) {
  return (
    <svg class="mark" data-size={props.size ?? "s"} viewBox="0 0 48 48" aria-hidden="true">
      <path
        class="mark-bubble"
        d="M24 3C11.3 3 3 11.2 3 23c0 5 1.6 9.3 4.4 12.6.5.6.6 1.3.3 2l-2.3 5.1c-.6 1.4.7 2.8 2.1 2.3l7-2.4c.5-.2 1-.1 1.5.1A24 24 0 0 0 24 44c12.7 0 21-8.7 21-20.5S36.7 3 24 3z"
      />
      <path class="mark-letter" d="M18 13v21M18 26.5l8.2-6.3M22 23.8L30.5 34" />
      <circle class="mark-dot" cx="31.2" cy="15.4" r="3.7" />
    </svg>
  );
}
