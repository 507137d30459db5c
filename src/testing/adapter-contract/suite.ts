import type { TestRunner } from '../runner.ts'
import type { Page } from './app.ts'
import type { Site, SiteOptions } from './site.ts'

/** Opens the site of a story, which is closed when the story ends. */
export type OpenSite = (pages?: Readonly<Record<string, Page>>, options?: SiteOptions) => Promise<Site>

/** How the adapter contract is told: groups of stories, each on a site of its own. */
export interface AdapterSuite {
  readonly group: TestRunner['describe']
  readonly story: (name: string, run: (open: OpenSite) => Promise<void>) => void
  /** Whether the adapter holds back the end of a stream until late changes are saved. */
  readonly holdsEnd: boolean
}
