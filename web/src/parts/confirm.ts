import { createSignal } from "solid-js";

export interface Question {
  title: string;
  /** What will happen. */
  body: string;
  /** The word on the button that does it. */
  action: string;
  tone?: "plain" | "danger";
}

const [question, setQuestion] = createSignal<(Question & { answer: (yes: boolean) => void }) | null>(null);

export { question };

/** Asks before something that is hard to undo. */
export function confirm(what: Question): Promise<boolean> {
  question()?.answer(false);
  return new Promise((resolve) => {
    setQuestion({
      ...what,
      answer: (yes) => {
        setQuestion(null);
        resolve(yes);
      },
    });
  });
}
