import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Settings } from "../config/Config.ts";
import type { Stepper } from "../jobs/step/stepper.ts";
import { openReload, type Reload, type Reloaded, rulesAtStart } from "./reloadRules.ts";
import { watchFiles } from "./watchFiles.ts";

export interface EditOptions {
  /** The configuration of the watch, where it has one. */
  readonly settings: Settings | undefined;
  readonly chainId: number;
  readonly stepper: Stepper;
  /** Whether the watch has caught up with the chain. */
  readonly isLive: () => boolean;
  readonly tell: (input: Input) => void;
  /** Gives an input to the pipeline; true once what follows from it is stored. */
  readonly deliver: (input: Input) => Promise<boolean>;
  /** Told which detectors judge from now on. */
  readonly onDetectors: (detectors: readonly string[]) => void;
  /** Told what became of an edit that was noticed in the files. */
  readonly onReloaded: ((reloaded: Reloaded) => void) | undefined;
  readonly signal: AbortSignal;
}

/** What lets edits in. */
export interface Edits {
  /** By order of a person; absent without a configuration. */
  readonly reload: Reload | undefined;
  /** Writes down which detectors this run starts with, and looks at the files from then on. */
  begin(stored: { readonly [id: string]: Hex } | undefined): void;
}

/**
 * Takes over what stands in the files of the configuration when they are edited, or by order. Each edit is one finding about
 * ourselves (SELF-01): of the pipeline where detectors are others, else of what was refused or does not count yet.
 */
export function admitEdits(options: EditOptions): Edits {
  const { settings, chainId, stepper, isLive, tell, deliver, onDetectors, onReloaded, signal } = options;
  const opened = settings && openReload({ settings, chainId, stepper, isLive, deliver });
  let isRefused = false;
  const reloadFor = async (reload: Reload, actor: string): Promise<Reloaded> => {
    const reloaded = await reload(actor);
    if (reloaded.state === "applied") onDetectors(reloaded.detectors);
    if (reloaded.state === "refused") tell(refusedTrouble(reloaded.reason));
    else if (isRefused) tell(usableAgain);
    else if (reloaded.state === "unchanged" && actor === filesActor) tell(withoutEffect);
    isRefused = reloaded.state === "refused";
    return reloaded;
  };
  return {
    reload: opened && ((actor) => reloadFor(opened.reload, actor)),
    begin(stored) {
      const input = rulesAtStart(stored, stepper.loaded().fingerprints);
      if (input !== undefined) tell(input);
      if (opened)
        watchFiles(opened.files, () => void reloadFor(opened.reload, filesActor).then(onReloaded ?? ignore), signal);
    },
  };
}

const filesActor = "edited file";
const ignore = () => undefined;
const endpoint = "rules";

// Until the files can be used again, the watch says that what stands in them is not what runs.
function refusedTrouble(reason: string): StreamTrouble {
  return { kind: "trouble", trouble: "rules-refused", endpoint, message: reason.split("\n- ")[0]! };
}

const usableAgain: StreamTrouble = {
  kind: "trouble",
  trouble: "recovered",
  endpoint,
  message: "The rules in the files are those that run.",
};

const withoutEffect: StreamTrouble = {
  kind: "trouble",
  trouble: "config-edited",
  endpoint: "configuration file",
  message:
    "The configuration was edited while the watch runs, and no detector is another by it. What else was edited counts from the next start.",
};
