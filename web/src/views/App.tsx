import { Navigate, Route, Router, useLocation, type RouteSectionProps } from "@solidjs/router";
import { ErrorBoundary, Show, Suspense, untrack } from "solid-js";
import { Toasts } from "../parts/toast";
import { followEntries } from "../state/layers";
import { me, sessionEnded } from "../state/session";
import { t } from "../text";
import { Home } from "./Home";
import { Here } from "./Here";
import { Banners } from "./shell/Banners";
import { Broken, NotFound } from "./shell/Lost";
import { Overlays } from "./shell/Overlays";
import { followTitle } from "./shell/title";
import { later } from "./later";

const Design = import.meta.env.DEV ? later(() => import("./design/Design")) : undefined;
const SignIn = later(() => import("./sign/SignIn"));
const SignUp = later(() => import("./sign/SignUp"));
const Settings = later(() => import("./settings/Settings"));

/** Resolves when whoever is not signed in can be shown how to. */
export async function fetchSignIn(): Promise<void> {
  await Promise.all([SignIn.preload(), SignUp.preload()]);
}

function Root(props: RouteSectionProps) {
  followTitle();
  followEntries();
  return (
    <ErrorBoundary fallback={<Broken />}>
      <a class="skip-link" href="#main">
        {t().shell.skip}
      </a>
      <div class="app">
        <Banners />
        <div class="app-view">
          <Suspense>{props.children}</Suspense>
        </div>
      </div>
      <Overlays />
      <Toasts />
    </ErrorBoundary>
  );
}

/** Whoever is not signed in signs in first, and then comes to where they wanted to go; unless they wanted to leave. */
function Members(props: RouteSectionProps) {
  const location = useLocation();
  const was_here = untrack(me) !== null;
  const goal = () => ((was_here && sessionEnded() === null) || location.pathname === "/" ? "" : location.pathname);
  return (
    <Show when={me()} fallback={<Navigate href={signIn(goal())} />}>
      <Home>{props.children}</Home>
    </Show>
  );
}

function signIn(goal: string): string {
  return goal === "" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(goal)}`;
}

export function App() {
  return (
    <Router root={Root} explicitLinks={false}>
      <Route path="/sign-in" component={SignIn} />
      <Route path="/sign-up" component={SignUp} />
      <Route path="/" component={Members}>
        <Route path="/" component={Here} />
        <Route path="/c/:conversation/:seq?" component={Here} />
        <Route path="/settings/:section?" component={Settings} />
      </Route>
      <Show when={Design}>{(page) => <Route path="/design" component={page()} />}</Show>
      <Route path="*" component={NotFound} />
    </Router>
  );
}
